import { useLayoutEffect, useState } from "preact/hooks";
import type { RefObject } from "preact";

/** A cleared canvas in the pixels of the screen, and the stylesheet's colours. */
export function themeOf(canvas: HTMLCanvasElement) {
  const { clientWidth: width, clientHeight: height } = canvas;
  const ratio = devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d") as CanvasRenderingContext2D; // every browser has it
  context.scale(ratio, ratio);
  const style = getComputedStyle(document.documentElement);
  return { context, width, height, color: (name: string) => style.getPropertyValue(`--${name}`) };
}

/**
 * A number that changes when a canvas must be drawn anew: another size, or another theme. It is 0 as long as the canvas is far from what is
 * seen: twenty charts of a hundred thousand points are drawn when somebody comes to them. What is seen at once is drawn before the page is
 * painted.
 */
export function useRedraw(canvas: RefObject<HTMLCanvasElement | null>): number {
  const [version, setVersion] = useState(0);
  useLayoutEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const again = () => setVersion((before) => before + 1);
    let drawn = "";
    const resized = new ResizeObserver(() => {
      const size = `${element.clientWidth}/${element.clientHeight}`;
      if (size !== drawn) again(); // it calls at once, too
      drawn = size;
    });
    if (element.getBoundingClientRect().top < innerHeight) {
      drawn = `${element.clientWidth}/${element.clientHeight}`;
      again();
    }
    const near = new IntersectionObserver(
      (entries) => {
        if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
        near.disconnect();
        resized.observe(element);
      },
      { rootMargin: "50px" },
    );
    near.observe(element);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", again);
    for (const event of printing) addEventListener(event, again);
    return () => {
      near.disconnect();
      resized.disconnect();
      dark.removeEventListener("change", again);
      for (const event of printing) removeEventListener(event, again);
    };
  }, []);
  return version;
}

/** On paper all of it is seen, and light. */
const printing = ["beforeprint", "afterprint"];

/** After what is shown now is drawn: only then is it time for what follows. */
export const painted = (): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, 100); // a page that nobody sees draws nothing
    requestAnimationFrame(() => setTimeout(resolve));
  });
