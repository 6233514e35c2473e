import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { whileAllowed } from "../../src/access/whileAllowed.ts";
import { AppError, forbidden } from "../../src/platform/errors/appError.ts";

/** One event, then nothing until it is returned. */
function source() {
  const state = { ended: false };
  const silence = Promise.withResolvers<IteratorResult<number>>();
  let sent = false;
  const events: AsyncIterableIterator<number> = {
    [Symbol.asyncIterator]: () => events,
    next: async () => {
      if (sent) return silence.promise;
      sent = true;
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

/** Never triggers an early check. */
const noEvents = () => () => undefined;

const unavailable = () => new AppError("SERVICE_UNAVAILABLE", "away");

describe("whileAllowed", () => {
  it("ends a waiting stream with the error of the check that failed", async () => {
    const { state, events } = source();
    let checks = 0;
    const allowed = whileAllowed(events, {
      async check() {
        checks += 1;
        if (checks === 3) throw forbidden();
      },
      every: 5,
      onDoubt: noEvents,
    });
    expect(await allowed.next()).toEqual({ done: false, value: 1 });
    await expect(allowed.next()).rejects.toMatchObject({ code: "FORBIDDEN" });
    expect(state.ended).toBe(true);
    expect(await allowed.next()).toMatchObject({ done: true });
    await sleep(30);
    expect(checks).toBe(3);
  });

  it("throws the error to a reader that asks for the next event later", async () => {
    const { state, events } = source();
    const allowed = whileAllowed(events, { check: () => Promise.reject(forbidden()), every: 1, onDoubt: noEvents });
    await expect.poll(() => state.ended).toBe(true);
    await expect(allowed.next()).rejects.toMatchObject({ code: "FORBIDDEN" });
  });

  it("tolerates an unavailable check briefly, but not for long", async () => {
    const { state, events } = source();
    const answers = [
      unavailable,
      undefined,
      unavailable,
      unavailable,
      undefined,
      unavailable,
      unavailable,
      unavailable,
    ];
    let checks = 0;
    const allowed = whileAllowed(events, {
      async check() {
        const error = answers[checks]?.();
        checks += 1;
        if (error) throw error;
      },
      every: 1,
      onDoubt: noEvents,
    });
    await allowed.next();
    await expect(allowed.next()).rejects.toMatchObject({ code: "SERVICE_UNAVAILABLE" });
    expect([checks, state.ended]).toEqual([answers.length, true]);
  });

  it("stops checking when the reader has left", async () => {
    const { state, events } = source();
    let checks = 0;
    let listening = true;
    const allowed = whileAllowed(events, {
      async check() {
        checks += 1;
      },
      every: 5,
      onDoubt: () => () => {
        listening = false;
      },
    });
    await allowed.return?.();
    await sleep(30);
    expect([checks, state.ended, listening]).toEqual([0, true, false]);
  });

  it("checks immediately on an event, and again when another event arrives during the check", async () => {
    const { events } = source();
    const answers = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    let checks = 0;
    let trigger = () => {};
    const allowed = whileAllowed(events, {
      check: () => answers[checks++]?.promise ?? Promise.resolve(undefined),
      every: 3_600_000,
      onDoubt(listener) {
        trigger = listener;
        return () => undefined;
      },
    });
    await allowed.next();
    expect(checks).toBe(0);
    trigger();
    trigger();
    expect(checks).toBe(1);
    answers[0]?.resolve(undefined);
    await expect.poll(() => checks).toBe(2);
    answers[1]?.reject(forbidden());
    await expect(allowed.next()).rejects.toMatchObject({ code: "FORBIDDEN" });
    expect(checks).toBe(2);
  });
});
