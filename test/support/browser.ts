import { setTimeout } from "node:timers/promises";
import chromium from "@sparticuz/chromium";
import { type Browser, type Page, chromium as playwright } from "playwright-core";

/** A page in a real browser, and the hosts that it contacted. */
export interface BrowserPage {
  page: Page;
  /** `host:port` of every request and socket the page opened, including blocked ones. */
  hosts: Set<string>;
  /** Uncaught errors of the page. */
  errors: Error[];
  close(): Promise<void>;
}

const flags = [
  "--no-sandbox",
  "--no-zygote",
  "--disable-dev-shm-usage",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  "--disable-gpu",
  "--disable-quic",
];

/** Another test file may be unpacking the browser: then it is busy. */
async function launch(until = Date.now() + 30_000): Promise<Browser> {
  const options = {
    executablePath: await chromium.executablePath(),
    args: flags,
    headless: true,
    // The browser is packaged without system libraries; the ones it needs are unpacked next to it.
    env: { ...process.env, HOME: process.env.HOME ?? "/tmp" },
  };
  try {
    return await playwright.launch(options);
  } catch (error) {
    if (!String(error).includes("ETXTBSY") || Date.now() > until) throw error;
    await setTimeout(500);
    return launch(until);
  }
}

/** Opens an empty page in a headless Chromium of its own. */
export async function openBrowser(): Promise<BrowserPage> {
  const browser = await launch();
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const hosts = new Set<string>();
  const errors: Error[] = [];
  const addHost = (url: string) => {
    const { protocol, host } = new URL(url);
    if (/^(https?|wss?):$/.test(protocol)) hosts.add(host);
  };
  page.on("request", (request) => addHost(request.url()));
  page.on("websocket", (socket) => addHost(socket.url()));
  page.on("pageerror", (error) => errors.push(error));
  return { page, hosts, errors, close: () => browser.close() };
}
