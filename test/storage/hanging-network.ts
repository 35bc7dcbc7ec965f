import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** A way to a database on this machine. */
export interface HangingNetwork extends Disposable {
  /** The database's URL by this way. */
  readonly url: string;
  /** Lets the connections that are open hang for good, as when a machine on the way forgets them; new ones are as good as ever. */
  hang(): void;
  /** Carries nothing either way for so many milliseconds, on new connections neither, and then goes on with all of them. */
  stall(milliseconds: number): Promise<void>;
  /** How often something was sent to the database after it had said something. */
  turns(): number;
}

/** A way to a database whose connections can be made to hang. */
export async function openNetwork(database: string): Promise<HangingNetwork> {
  const target = Number(new URL(database).port);
  const open = new Map<Socket, Socket | undefined>(); // where to; nowhere for good
  let stalls = 0;
  let turns = 0;
  let asked = false;
  const join = (from: Socket, to: Socket) => {
    open.set(from, to);
    if (stalls === 0) from.pipe(to);
    from
      .on("error", () => to.destroy())
      .on("close", () => {
        open.delete(from);
        to.destroy();
      });
  };
  const server = createServer((client) => {
    const ahead = connect(target, "127.0.0.1");
    join(client, ahead);
    join(ahead, client);
    noting(ahead, () => {
      if (!asked) turns++;
      asked = true;
    });
    noting(client, () => void (asked = false));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const through = new URL(database);
  through.port = String((server.address() as AddressInfo).port);
  return {
    url: through.href,
    hang() {
      for (const from of open.keys()) open.set(from.unpipe().pause(), undefined);
    },
    async stall(milliseconds) {
      stalls++;
      for (const from of open.keys()) from.unpipe().pause();
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      if (--stalls > 0) return;
      for (const [from, to] of open) if (to) from.pipe(to);
    },
    turns: () => turns,
    [Symbol.dispose]() {
      for (const socket of open.keys()) socket.destroy();
      server.close();
    },
  };
}

/** Lets somebody know of all that is written to a socket; a listener would let it flow where it is to stand still. */
function noting(socket: Socket, note: () => void): void {
  const write = socket.write.bind(socket) as (chunk: Uint8Array) => boolean; // as a pipe calls it
  Object.assign(socket, {
    write(chunk: Uint8Array) {
      note();
      return write(chunk);
    },
  });
}
