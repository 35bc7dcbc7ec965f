/** How bars look in a terminal, and that they leave its signals alone: Ctrl-C is ours, since what is done is kept. */
export const look = {
  fps: 8,
  barsize: 24,
  barCompleteChar: "━",
  barIncompleteChar: "─",
  hideCursor: true,
  clearOnComplete: false,
  linewrap: false,
  gracefulExit: false,
};
