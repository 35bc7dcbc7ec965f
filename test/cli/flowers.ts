/** A table of 60 flowers of three species, of which the last is so wide. */
export const flowers = (last: number): string =>
  ["length,width,species"]
    .concat(
      Array.from(
        { length: 60 },
        (_, i) => `${(i % 3) + (i % 7) / 10},${i === 59 ? last : i % 5},${"abc"[i % 3]}`,
      ),
    )
    .join("\n");
