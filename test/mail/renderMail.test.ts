import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { configFrom, senderOf } from "../../src/platform/config/config.ts";
import { links } from "../../src/platform/mail/links.ts";
import type { Mail } from "../../src/platform/mail/mail.ts";
import { renderMail } from "../../src/platform/mail/renderMail.ts";
import { loadTemplates } from "../../src/platform/mail/templates.ts";

const link = "https://app.example.com/reset-password?token=a_b&c";
const mails: Pick<Exclude<Mail, { template: "alert" | "platformAlert" }>, "template" | "data">[] = [
  {
    template: "invite",
    data: { inviterName: "Grace", scopeName: "Blue", roleName: "Workspace Viewer", link, expiresIn: "7 days" },
  },
  {
    template: "join",
    data: {
      inviterName: "grace@example.com",
      organizationName: `<img src="x">`,
      roleName: "Organization User",
      link,
      expiresIn: "7 days",
    },
  },
  { template: "confirm", data: { name: `<img src="x" onerror='y'>`, link, expiresIn: "24 hours" } },
  { template: "reset", data: { name: "Ada", link, expiresIn: "1 hour" } },
  { template: "exists", data: { name: "Ada", link, expiresIn: "1 hour" } },
  { template: "password", data: { name: "Ada", link, expiresIn: "24 hours" } },
];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "houston-templates-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("renderMail", () => {
  it.each(mails)("fills $template in both parts, and escapes HTML", (mail) => {
    const { subject, text, html } = renderMail(loadTemplates(null), mail);
    expect(subject).toMatch(/^[^\r\n{}]+$/);
    expect(text).toContain(`\n${link}\n`);
    expect(text).toContain(`expires in ${mail.data.expiresIn}.`);
    expect(html).toContain('href="https://app.example.com/reset-password?token=a_b&amp;c"');
    expect(`${text}${html}`).not.toContain("{{");
    expect(html).not.toContain("<img");
  });

  it("loads nothing from other hosts", () => {
    const { html } = renderMail(loadTemplates(null), mails[0] as (typeof mails)[0]);
    expect(html.replaceAll(link.replace("&", "&amp;"), "")).not.toMatch(/https?:|src=|url\(|@import/);
  });

  it("inserts values with placeholders and line breaks as plain text", () => {
    const data = { name: "{{link}}\r\nP.S. $& pay here", link, expiresIn: "1 hour" };
    expect(renderMail(loadTemplates(null), { template: "reset", data }).text).toContain(
      "Hello {{link}} P.S. $& pay here,",
    );
  });

  it("lists alerts in lines of their own, escaped in HTML", () => {
    const data = {
      ...{ state: "firing", summary: "A & B", deploymentLabel: "Blue", releaseName: "r-1", workspaceLabel: "W" },
      alerts: ["one <b>", "two\nlines"],
    };
    const { subject, text, html } = renderMail(loadTemplates(null), { template: "alert", data });
    expect(subject).toBe("[firing] Blue: A & B");
    expect(text).toContain("\none <b>\ntwo lines\n");
    expect(html).toContain("one &lt;b&gt;<br>two lines");
  });

  it("names the placeholder without a value", () => {
    const data = { link, expiresIn: "1 hour" } as Mail["data"];
    expect(() => renderMail(loadTemplates(null), { template: "reset", data })).toThrow('Mail "reset": {{name}} has no');
  });
});

describe("loadTemplates", () => {
  it("names a missing folder", () => {
    expect(() => loadTemplates(join(folder, "no"))).toThrow("email.templatesFolder: the folder");
  });

  it("names an unknown placeholder and lists the known ones", async () => {
    await writeFile(join(folder, "reset.html"), "<p>{{user}}</p>");
    expect(() => loadTemplates(folder)).toThrow(
      "Mail template reset.html: {{user}} is unknown; allowed: name, link, expiresIn",
    );
    await rm(join(folder, "reset.html"));
  });

  it("requires a subject", async () => {
    await writeFile(join(folder, "confirm.txt"), "Hello {{name}}\n{{link}}");
    expect(() => loadTemplates(folder)).toThrow('Mail template confirm.txt: the first line must be "Subject: …"');
    await rm(join(folder, "confirm.txt"));
  });
});

describe("links", () => {
  const settings = {
    webserver: { publicUrl: null as string | null, port: 8871 },
    ui: { subdomain: "app" },
    helm: { baseDomain: "example.com" },
    subdomainHttpsEnabled: true,
  };
  const at = (publicUrl: string | null, baseDomain = "localhost", port = 8871) =>
    links({ ...settings, webserver: { publicUrl, port }, helm: { baseDomain } })
      .reset("t")
      .replace(/\/reset-.*/, "");

  it("point to pages of the UI", () => {
    expect(links(settings).confirm("a b")).toBe("https://app.example.com/confirm-email?token=a%20b");
    expect(links(settings).invite("t")).toBe("https://app.example.com/signup?inviteToken=t");
    expect(links(settings).reset("t")).toBe("https://app.example.com/reset-password?token=t");
  });

  it("use http when HTTPS is disabled", () => {
    expect(links({ ...settings, subdomainHttpsEnabled: false }).reset("t")).toMatch(/^http:\/\/app\.example\.com\//);
  });

  it("lead to this machine without a base domain", () => {
    expect(at(null)).toBe("http://localhost:8871/app");
    expect(at(null, "localhost", 9000)).toBe("http://localhost:9000/app");
  });

  it("carry the scheme and port of webserver.publicUrl", () => {
    expect(at("https://houston.example.net:8443/")).toBe("https://houston.example.net:8443/app");
    expect(at("http://houston.example.com:8080", "example.com")).toBe("http://app.example.com:8080");
    expect(at("https://houston.example.com", "example.com")).toBe("https://app.example.com");
    expect(at("https://houston.example.com:8443", "example.com:9000")).toBe("https://app.example.com:9000");
  });
});

describe("the sender of e-mails", () => {
  const sender = (overrides: Parameters<typeof configFrom>[0]) => senderOf(configFrom(overrides));

  it("is neutral unless configured", () => {
    expect(sender({})).toEqual({ name: "Houston", address: "noreply@localhost" });
    expect(sender({ appSubName: "Blue, Inc.", helm: { baseDomain: "example.com:8443" } })).toEqual({
      name: "Blue, Inc.",
      address: "noreply@example.com",
    });
    expect(sender({ email: { reply: "Airflow <air@example.com>" } })).toEqual({
      name: "Airflow",
      address: "air@example.com",
    });
  });

  it("and every other default and built-in template name no organization", () => {
    const built = JSON.stringify([loadTemplates(null), configFrom().appSubName, sender({})]);
    expect(built).not.toMatch(/astronomer/i);
  });
});
