const SHA = "e4df3f1395b21a489a6a222ac37eecd1e41222120e1497a1a3b69eb5ad326984"; // of "s-kept"

/**
 * A store of the tables no. 2, as hypertrain first wrote them: bytes in rows of their studies, neither notes nor times of segments, and on
 * PostgreSQL no triggers. It holds two studies, a trial that is trained, an evaluation, a checkpoint and values that wait.
 */
export const tablesBefore = (bytes: "blob" | "bytea"): string => `
  create table hypertrain (version integer not null);
  create table study (name text primary key, config text not null, state text not null, revision integer not null, model text, trials integer not null, sum text not null);
  create table trial (study text not null references study (name) on delete cascade, number integer not null, revision integer not null,
    state text not null, attempt integer not null, worker text, beats integer not null, checkpoint text, record text not null, sum text not null, primary key (study, number));
  create index trial_revision on trial (study, revision);
  create table point (study text not null references study (name) on delete cascade, trial integer not null, budget double precision not null,
    seq integer not null, point text not null, sum text not null, primary key (study, trial, budget));
  create table decision (study text not null references study (name) on delete cascade, seq integer not null, decision text not null,
    primary key (study, seq));
  create table enqueued (study text not null references study (name) on delete cascade, seq integer not null, wanted text not null,
    primary key (study, seq));
  create table artifact (study text not null references study (name) on delete cascade, sha text not null, bytes ${bytes} not null,
    primary key (study, sha));
  insert into hypertrain values (2);
  insert into study values ('s', '{"of":"before"}', 'open', 4, null, 1, '12583b8d'), ('other', '{}', 'open', 0, null, 0, '012047ab');
  insert into trial values ('s', 0, 3, 'running', 1, 'w', 0, '${SHA}',
    '{"number":0,"values":{"x":0},"state":"running","attempt":1,"deaths":0,"to":9,"curve":[{"budget":1,"loss":0.5}],"checkpoint":"${SHA}"}', 'f7ec29c4');
  insert into point values ('s', 0, 1, 3,
    '{"step":1,"epoch":1,"examples":1,"gradientEvaluations":1,"seconds":1,"valid":{"loss":0.5},"hyperparameters":{}}', 'd672bfb2');
  insert into decision values ('s', 1, '{"kind":"start","to":9}');
  insert into enqueued values ('s', 4, '{"x":1}');
  insert into artifact values ('s', '${SHA}', ${bytes === "blob" ? "x'732d6b657074'" : "'\\x732d6b657074'"});`;
