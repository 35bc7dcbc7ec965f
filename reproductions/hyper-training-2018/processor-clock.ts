/**
 * Processor milliseconds that this process has taken, in all of its threads: a clock on which a method is no slower where other work
 * shares the machine. One that uses two cores at once runs fast on it.
 */
export const processorClock = {
  now(): number {
    const { user, system } = process.cpuUsage(); // microseconds
    return (user + system) / 1000;
  },
};
