/** What no layer may be called, in words. */
export const reserved =
  '"each", which in l2.each stands for every weight, nor what every object in JavaScript has, such as "constructor"';

/** Whether the name of a layer would mean something else where layers are looked up by name. */
export const isReserved = (name: string): boolean => name === "each" || name in Object.prototype;
