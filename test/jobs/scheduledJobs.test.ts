import { describe, expect, it } from "vitest";
import { configFrom } from "../../src/platform/config/config.ts";
import { scheduledJobs } from "../../src/services/jobs/scheduledJobs.ts";
import { testHouston } from "../support/houston.ts";

const { app } = await testHouston();

/** The next times of the day at which a task is added, as hours and minutes. */
function timesOf(config: Parameters<typeof configFrom>[0]) {
  const { schedule } = scheduledJobs({ ...app.services, config: configFrom(config) });
  return Object.fromEntries(
    schedule.map(({ task, match }) => {
      const minutes = Array.from({ length: 1_440 }, (_, n) => ({ hour: Math.floor(n / 60), min: n % 60 }));
      const times = minutes.filter((time) => match({ ...time, date: 5, month: 6, dow: 5 }));
      return [task, times.map(({ hour, min }) => `${hour}:${min}`)];
    }),
  );
}

describe("scheduledJobs", () => {
  it("runs every job at its documented time", () => {
    expect(timesOf({})).toEqual({
      syncDataplaneClusters: Array.from({ length: 24 }, (_, hour) => `${hour}:0`),
      resyncDeployments: Array.from({ length: 24 }, (_, hour) => `${hour}:43`),
      cleanupDeployments: ["0:0"],
      cleanupDeployRevisions: ["23:11"],
      cleanupClusterAudits: ["23:49"],
      rotateSigningKeys: ["3:37"],
      auditRetention: ["23:29"],
    });
  });

  it("follows the settings, and does not run what is disabled", () => {
    const times = timesOf({
      cleanupDeployments: { schedule: "30 4,16 * * *" },
      cleanupClusterAudits: { enabled: false },
      expireServiceAccounts: { enabled: true, schedule: "7 3 * * *" },
    });
    expect(times).toMatchObject({ cleanupDeployments: ["4:30", "16:30"], expireServiceAccounts: ["3:7"] });
    expect(times).not.toHaveProperty("cleanupClusterAudits");
  });

  it.each(["", "every hour", "* * * *", "60 * * * *", "0 24 * * *", "5-1 * * * *", "*/0 * * * *", "@daily", 7])(
    "rejects the schedule %j at startup and names the setting",
    (schedule) => {
      const bad = { syncDataplaneClusters: { schedule } } as unknown as Parameters<typeof configFrom>[0];
      expect(() => configFrom(bad)).toThrow(/syncDataplaneClusters\.schedule.*must be five cron fields/);
    },
  );
});
