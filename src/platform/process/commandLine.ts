import { readFileSync } from "node:fs";
import { Command, Option } from "commander";
import type { Names } from "../config/configTree.ts";

/** What the commands do. */
export interface Commands {
  /** Starts Houston: without a command. */
  start(): Promise<void>;
  /** `migrate` */
  migrate(): Promise<void>;
  /** `audit verify`; `head`: a position and its hash. */
  verifyAudit(options: { head?: string }): Promise<void>;
  /** `rotate-keys` */
  rotateKeys(options: { generate: boolean }): Promise<void>;
  /** `signing-authority` */
  signingAuthority(options: { newKey: boolean }): Promise<void>;
  /** `provision check`; `chart`: the folder of a chart. */
  checkProvision(options: { chart: string }): Promise<void>;
  /** `config print` */
  printConfig(options: { showSecrets: boolean; names?: Names }): Promise<void>;
}

const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));

/** Runs the command in `args`. Prints the help and exits with code 1 if it is unknown. */
export async function runCommand(args: readonly string[], commands: Commands): Promise<void> {
  const program = new Command("houston")
    .description("The API of a self-hosted Apache Airflow platform. Without a command, starts it.")
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .addHelpText(
      "after",
      "\nSettings come from config.yaml, or the file at CONFIG_FILE, and from environment variables: docs/configuration.md.\n" +
        "With npm, arguments follow two dashes: npm start -- --help",
    )
    .showHelpAfterError()
    .allowExcessArguments()
    .action((_options, { args: [unknown] }: Command) => {
      if (unknown !== undefined) program.error(`error: unknown command '${unknown}'`);
      return commands.start();
    });
  program
    .command("migrate")
    .allowExcessArguments(false)
    .description("migrate the database and exit: with code 0 if it is up to date, with code 1 if that failed")
    .action(() => commands.migrate());
  program
    .command("audit")
    .description("inspect the audit log")
    .command("verify")
    .allowExcessArguments(false)
    .description(
      "verify the hash chain of the audit log: exits with code 1 if sealed entries were changed, removed or added",
    )
    .option("--head <position:hash>", "require a head of the chain that was printed earlier to be part of it")
    .action((options: { head?: string }) => commands.verifyAudit(options));
  program
    .command("rotate-keys")
    .allowExcessArguments(false)
    .description(
      "encrypt all secrets in the database under the first of encryption.keys, also while Houston runs: exits with code 1 unless no other key is needed afterwards",
    )
    .option(
      "--generate",
      "first generate a new key in secrets.json, and finally remove the old one; Houston must be stopped",
      false,
    )
    .action((options: { generate: boolean }) => commands.rotateKeys(options));
  program
    .command("signing-authority")
    .allowExcessArguments(false)
    .description(
      "print the certificate with which an image registry verifies tokens (rootcertbundle), also while Houston runs",
    )
    .option("--new-key", "first replace the key that signs tokens: those of the old one end at once", false)
    .action((options: { newKey: boolean }) => commands.signingAuthority(options));
  program
    .command("provision")
    .description("inspect how Deployments are made to run")
    .command("check")
    .allowExcessArguments(false)
    .description(
      "validate the Helm values that Houston writes against the values.schema.json of a chart: exits with code 1 if the chart does not allow some",
    )
    .requiredOption("--chart <folder>", "the unpacked chart, as `helm pull --untar` leaves it")
    .action((options: { chart: string }) => commands.checkProvision(options));
  program
    .command("config")
    .description("inspect the configuration")
    .command("print")
    .allowExcessArguments(false)
    .description("print the effective configuration as YAML, with the origin of each value that is not a default")
    .addOption(new Option("--redacted", "hide secrets (the default)").conflicts("showSecrets"))
    .option("--show-secrets", "print secrets too: keep the output out of logs and tickets", false)
    .addOption(
      new Option("--names <version>", "names of the settings; by default those of helm.releaseVersion").choices([
        "1.x",
        "2.x",
      ]),
    )
    .action((options: { showSecrets: boolean; names?: Names }) => commands.printConfig(options));
  await program.parseAsync(args, { from: "user" });
}
