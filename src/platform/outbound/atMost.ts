import { AppError } from "../errors/errors.ts";

/** Runs work of which `most` is under way at a time in this process. Throws SERVICE_UNAVAILABLE at once beyond that. */
export function atMost(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  return async (work) => {
    if (running >= most) throw new AppError("SERVICE_UNAVAILABLE", "Too many such requests right now; try again");
    running += 1;
    try {
      return await work();
    } finally {
      running -= 1;
    }
  };
}
