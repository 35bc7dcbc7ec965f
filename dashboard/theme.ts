import { useEffect, useState } from "preact/hooks";
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
 * seen: twenty charts of a hundred thousand points are drawn when somebody comes to them.
 */
export function useRedraw(canvas: RefObject<HTMLCanvasElement | null>): number {
  const [version, setVersion] = useState(0);
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const again = () => setVersion((before) => before + 1);
    const resized = new ResizeObserver(again);
    const near = new IntersectionObserver(
      (entries) => {
        if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
        near.disconnect();
        resized.observe(element); // which calls at once
      },
      { rootMargin: "50px" },
    );
    near.observe(element);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", again);
    return () => {
      near.disconnect();
      resized.disconnect();
      dark.removeEventListener("change", again);
    };
  }, []);
  return version;
}
