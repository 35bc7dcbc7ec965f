/** What a connection to a PostgreSQL database fails for: a sentence's part about it, and what to do. */
export interface ConnectionFault {
  readonly says: string;
  readonly todo: string;
}

/**
 * Sorts out why a database cannot be reached.
 *
 * @param url its connection string
 */
export function connectionFault(url: string, error: unknown): ConnectionFault {
  const { code = "", message = "" } = error as { readonly code?: string; readonly message?: string };
  const { hostname = "", port = "", username = "", pathname = "" } = URL.parse(url) ?? {};
  const at = `${hostname || "localhost"}:${port || "5432"}`;
  const user = username === "" ? "its user" : `the user "${decodeURIComponent(username)}"`;
  const known = faults.find(({ of }) => of.test(code) || of.test(message));
  if (!known)
    return { says: `its server said: ${message || code}`, todo: "check user, password and database" };
  return known.fault({ at, host: hostname, user, name: decodeURIComponent(pathname.slice(1)), message });
}

/** What is known of a connection that failed. */
interface Failed {
  /** Host and port. */
  readonly at: string;
  readonly host: string;
  readonly user: string;
  /** Of the database. */
  readonly name: string;
  /** What the server, or the system, said. */
  readonly message: string;
}

/** By codes of the system and of PostgreSQL, or by what `pg` says where it has no code; the first that fits. */
const faults: readonly { readonly of: RegExp; fault(failed: Failed): ConnectionFault }[] = [
  {
    of: /^ENOTFOUND$/,
    fault: ({ host }) => ({ says: `no host is called "${host}"`, todo: "check the host's name" }),
  },
  {
    of: /^EAI_AGAIN$/,
    fault: ({ host }) => ({
      says: `the host "${host}" could not be looked up`,
      todo: "check its name, and whether this machine has a network",
    }),
  },
  {
    of: /^ECONNREFUSED$/,
    fault: ({ at }) => ({
      says: `${at} refuses connections`,
      todo: "see to it that PostgreSQL runs there, and that host and port are its own",
    }),
  },
  {
    of: /^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$|timeout/i,
    fault: ({ at }) => ({
      says: `nothing answers at ${at}`,
      todo: "check host, port, network and firewalls",
    }),
  },
  {
    of: /^57P03$/,
    fault: () => ({ says: "its server is starting or stopping", todo: "try again in a moment" }),
  },
  {
    of: /^53300$/,
    fault: () => ({
      says: "its server has no connection left",
      todo: "close others, or raise max_connections",
    }),
  },
  {
    of: /client password must be/,
    fault: ({ user }) => ({
      says: `it asks for the password of ${user}, and got none`,
      todo: "give it as PGPASSWORD in the environment, or in the URL",
    }),
  },
  {
    of: /^28P01$/,
    fault: ({ user }) => ({
      says: `it refuses the password of ${user}`,
      todo: "check user and password, in the URL or as PGPASSWORD",
    }),
  },
  {
    of: /^28/,
    fault: ({ user, message }) => ({
      says: `it does not let ${user} in: ${message}`,
      todo: "check the user, and the server's pg_hba.conf; where it wants encryption, add ?sslmode=require",
    }),
  },
  {
    of: /^3D000$/,
    fault: ({ name }) => ({
      says: `its server has no database "${name}"`,
      todo: "make it with createdb, or check the name",
    }),
  },
  {
    of: /^42501$/,
    fault: ({ user }) => ({
      says: `${user} may not make tables there`,
      todo: "let its owner grant create on the schema, or choose another database",
    }),
  },
  {
    of: /does not support SSL/,
    fault: () => ({ says: "its server does not encrypt connections", todo: "leave out sslmode and ssl" }),
  },
  {
    of: /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|EPROTO/,
    fault: ({ message }) => ({
      says: `the certificate of its server does not hold: ${message}`,
      todo: "name its authority's with sslrootcert=FILE, or trust the network with sslmode=no-verify",
    }),
  },
  {
    of: /^ENOENT$/,
    fault: ({ message }) => ({
      says: `a file is not there: ${message}`,
      todo: "check the files that its URL names",
    }),
  },
  {
    of: /^(ECONNRESET|EPIPE)$|connection terminated/i,
    fault: ({ at }) => ({
      says: `${at} ended the connection`,
      todo: "see to it that PostgreSQL answers there, and no other program",
    }),
  },
];
