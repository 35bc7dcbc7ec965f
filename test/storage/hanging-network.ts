import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** A way to a database on this machine. */
export interface HangingNetwork extends Disposable {
  /** The database's URL by this way. */
  readonly url: string;
  /** Lets the connections that are open hang for good, as when a machine on the way forgets them; new ones are as good as ever. */
  hang(): void;
  /** Carries nothing either way for so many milliseconds, on new connections neither, and then goes on with all of them. */
  stall(milliseconds: number): Promise<void>;
}

/** A way to a database whose connections can be made to hang. */
export async function openNetwork(database: string): Promise<HangingNetwork> {
  const target = Number(new URL(database).port);
  const open = new Map<Socket, Socket | undefined>(); // where to; nowhere for good
  let stalls = 0;
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
    [Symbol.dispose]() {
      for (const socket of open.keys()) socket.destroy();
      server.close();
    },
  };
}
