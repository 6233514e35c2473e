/** How to clean up a metadata database. */
export interface CleanupOptions {
  /** Rows before this moment are removed. */
  before: Date;
  /** Only report what would be removed. */
  dryRun: boolean;
  /** Drop the tables into which Airflow moves the removed rows. */
  dropArchives: boolean;
  /** Empty: all tables. */
  tables: readonly string[];
  /** Where the removed rows are stored outside of the database. */
  upload: Upload | undefined;
}

interface Upload {
  provider: "aws" | "gcp" | "azure";
  bucketName: string;
  /** Folder in the bucket: an absolute path. */
  outputPath?: string | undefined;
  /** Secret whose keys become environment variables. */
  providerEnvSecretName?: string | undefined;
}

/** One container, after the previous one has succeeded. */
interface Step {
  name: string;
  args: string[];
}

/** Where the exported rows are until they are in the bucket. */
export const FOLDER = "/archives";

/** Uploads all files with the provider's own library, which Airflow's images contain. Arguments: provider, bucket, prefix. */
const UPLOAD = `
import os, pathlib, sys
provider, bucket, prefix, folder = sys.argv[1:]
files = sorted(path for path in pathlib.Path(folder).iterdir() if path.is_file())
if provider == "aws":
    import boto3
    client = boto3.client("s3")
    put = lambda path, key: client.upload_file(str(path), bucket, key)
elif provider == "gcp":
    from google.cloud import storage
    client = storage.Client().bucket(bucket)
    put = lambda path, key: client.blob(key).upload_from_filename(str(path))
else:
    from azure.storage.blob import ContainerClient
    client = ContainerClient.from_connection_string(os.environ["AZURE_STORAGE_CONNECTION_STRING"], bucket)
    put = lambda path, key: client.upload_blob(key, path.open("rb"), overwrite=True)
for path in files:
    put(path, prefix + path.name)
    print("Uploaded", prefix + path.name)
`;

/**
 * The steps of a clean-up. Airflow moves the rows into tables of their own, which are dropped only after all else has
 * succeeded: until then, nothing is lost.
 */
export function cleanupSteps(releaseName: string, options: CleanupOptions): Step[] {
  const { before, dryRun, dropArchives, tables, upload } = options;
  const only = tables.length === 0 ? [] : ["--tables", tables.join(",")];
  const airflow = (command: string, ...args: string[]) => ["airflow", "db", command, ...args, ...only, "--yes"];
  const clean = airflow("clean", "--clean-before-timestamp", before.toISOString(), ...(dryRun ? ["--dry-run"] : []));
  if (dryRun) return [{ name: "clean", args: clean }];
  return [
    { name: "clean", args: clean },
    ...(upload ? uploadSteps(releaseName, upload, airflow("export-archived", "--output-path", FOLDER)) : []),
    ...(dropArchives ? [{ name: "drop", args: airflow("drop-archived") }] : []),
  ];
}

function uploadSteps(releaseName: string, { provider, bucketName, outputPath = "/" }: Upload, args: string[]): Step[] {
  const prefix = [...outputPath.split("/"), releaseName].filter((part) => part !== "").join("/");
  return [
    { name: "export", args },
    { name: "upload", args: ["python", "-c", UPLOAD, provider, bucketName, `${prefix}/`, FOLDER] },
  ];
}
