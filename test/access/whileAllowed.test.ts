import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { whileAllowed } from "../../src/access/whileAllowed.ts";
import { AppError, forbidden } from "../../src/platform/errors/appError.ts";

/** One event, then silence until somebody ends it. */
function source() {
  const state = { ended: false };
  const silence = Promise.withResolvers<IteratorResult<number>>();
  let told = false;
  const events: AsyncIterableIterator<number> = {
    [Symbol.asyncIterator]: () => events,
    next: async () => {
      if (told) return silence.promise;
      told = true;
      return { done: false, value: 1 };
    },
    return: async () => {
      state.ended = true;
      silence.resolve({ done: true, value: undefined });
      return { done: true, value: undefined };
    },
  };
  return { state, events };
}

/** Nothing that would give reason to look before it is time. */
const doubts = () => () => undefined;

const away = () => new AppError("SERVICE_UNAVAILABLE", "away");

describe("whileAllowed", () => {
  it("ends a stream that waits with the error of the look that failed", async () => {
    const { state, events } = source();
    let looks = 0;
    const allowed = whileAllowed(events, {
      async check() {
        looks += 1;
        if (looks === 3) throw forbidden();
      },
      every: 5,
      onDoubt: doubts,
    });
    expect(await allowed.next()).toEqual({ done: false, value: 1 });
    await expect(allowed.next()).rejects.toMatchObject({ code: "FORBIDDEN" });
    expect(state.ended).toBe(true);
    expect(await allowed.next()).toMatchObject({ done: true });
    await sleep(30);
    expect(looks).toBe(3);
  });

  it("tells the error to a reader who comes later", async () => {
    const { events } = source();
    const allowed = whileAllowed(events, { check: () => Promise.reject(forbidden()), every: 1, onDoubt: doubts });
    await sleep(30);
    await expect(allowed.next()).rejects.toMatchObject({ code: "FORBIDDEN" });
  });

  it("sits out that nobody can say for a moment, not for long", async () => {
    const { state, events } = source();
    const answers = [away, undefined, away, away, undefined, away, away, away];
    let looks = 0;
    const allowed = whileAllowed(events, {
      async check() {
        const error = answers[looks]?.();
        looks += 1;
        if (error) throw error;
      },
      every: 1,
      onDoubt: doubts,
    });
    await allowed.next();
    await expect(allowed.next()).rejects.toMatchObject({ code: "SERVICE_UNAVAILABLE" });
    expect([looks, state.ended]).toEqual([answers.length, true]);
  });

  it("looks no more once nobody reads", async () => {
    const { state, events } = source();
    let looks = 0;
    let doubting = true;
    const allowed = whileAllowed(events, {
      async check() {
        looks += 1;
      },
      every: 5,
      onDoubt: () => () => {
        doubting = false;
      },
    });
    await allowed.return?.();
    await sleep(30);
    expect([looks, state.ended, doubting]).toEqual([0, true, false]);
  });

  it("looks at once when in doubt, and again when the doubt came while it looked", async () => {
    const { events } = source();
    const answers = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let looks = 0;
    let doubt = () => {};
    const allowed = whileAllowed(events, {
      check: () => answers[looks++]?.promise ?? Promise.resolve(),
      every: 3_600_000,
      onDoubt(look) {
        doubt = look;
        return () => undefined;
      },
    });
    await allowed.next();
    expect(looks).toBe(0);
    doubt();
    doubt();
    expect(looks).toBe(1);
    answers[0]?.resolve();
    await expect.poll(() => looks).toBe(2);
    answers[1]?.reject(forbidden());
    await expect(allowed.next()).rejects.toMatchObject({ code: "FORBIDDEN" });
    expect(looks).toBe(2);
  });
});
