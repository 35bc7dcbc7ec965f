import { statSync } from "node:fs";

/** Whether a path is a directory; a path that no file can have is none. */
export function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
