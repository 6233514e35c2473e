import { expect } from "vitest";
import { DEFAULT_ORGANIZATION } from "../../src/access/scopePaths.ts";
import { deploymentExamples } from "../rest/deploymentExamples.ts";
import { openSocket, protocols } from "../support/sockets.ts";
import {
  alpha,
  call,
  errorBodies,
  fresh,
  generated,
  graphql,
  type Headers,
  houston,
  made,
  mailed,
  ok,
  plain,
  refused,
  say,
  setupToken,
} from "./canaryHouston.ts";

const secretVariable = (value: unknown, key = `KEY_${made()}`) => ({ key, value, isSecret: true });

async function people() {
  const SIGN_UP = `mutation ($email: String!, $password: String!) {
    createUser(email: $email, password: $password) { token { value } } }`;
  const SIGN_IN = `mutation ($identity: String!, $password: String!) {
    createToken(identity: $identity, password: $password) { token { value } } }`;
  const adminPassword = fresh();
  const first = await graphql(
    SIGN_UP,
    { email: "first@example.com", password: adminPassword },
    { "x-houston-setup-token": setupToken },
  );
  const confirmToken = first.data?.createUser?.token ? undefined : await mailed("first@example.com");
  if (confirmToken)
    ok(await graphql("mutation ($t: String!) { confirmEmail(token: $t) { user { id } } }", { t: confirmToken }));
  const { data } = ok(await graphql(SIGN_IN, { identity: "first@example.com", password: adminPassword }));
  const token = data.createToken.token.value as string;
  generated.push({ kind: "token", value: token });

  // Signing up, confirming and resetting, in both APIs.
  ok(await graphql(SIGN_UP, { email: "second@example.com", password: fresh() }));
  const confirm = await mailed("second@example.com");
  const confirmed = await graphql("mutation ($t: String!) { confirmEmail(token: $t) { token { value } } }", {
    t: confirm,
  });
  generated.push({ kind: "token", value: ok(confirmed).data.confirmEmail.token.value });
  const third = 'mutation ($p: String!) { createNewUser(email: "third@example.com", password: $p) { success } }';
  ok(await alpha(third, { p: fresh() }));
  await mailed("third@example.com");
  ok(await graphql(`mutation { forgotPassword(email: "second@example.com") }`));
  const reset = await mailed("second@example.com", 2);
  const RESET = "mutation ($t: String!, $p: String!) { resetPassword(token: $t, password: $p) { token { value } } }";
  const again = ok(await graphql(RESET, { t: reset, p: fresh() }));
  generated.push({ kind: "token", value: again.data.resetPassword.token.value });
  // Passwords that are refused, and wrong ones; the token is used up.
  refused(await graphql(RESET, { t: reset, p: fresh() }));
  refused(await graphql(RESET, { t: plain(), p: fresh() }));
  refused(await graphql(SIGN_UP, { email: "x", password: fresh() }));
  refused(await graphql(SIGN_UP, { email: "long@example.com", password: fresh({ length: 200 }) }));
  refused(await graphql(SIGN_UP, { email: "list@example.com", password: [fresh()] }));
  refused(await graphql(SIGN_UP, { email: "object@example.com", password: { [plain()]: fresh() } }));
  for (let n = 0; n < 3; n += 1) {
    refused(await graphql(SIGN_IN, { identity: "first@example.com", password: fresh() }));
    refused(
      await alpha(`mutation ($p: String!) { createToken(username: "first@example.com", password: $p) { success } }`, {
        p: fresh(),
      }),
    );
  }
  // Typed into the wrong field.
  refused(await graphql(SIGN_IN, { identity: fresh(), password: fresh() }));
  // In the document itself.
  refused(
    await graphql(
      `mutation { createToken(identity: "first@example.com", password: ${say(fresh())}) { token { value } } }`,
    ),
  );
  refused(await graphql(`mutation { createToken(identity: "a" ${say(fresh())}) { token { value } } }`));
  refused(await graphql(`mutation { createToken(identity: "a", password: [${say(fresh())}]) { token { value } } }`));
  refused(await call("/v1", `{"query": "mutation { createToken(password: \\"${plain()}`));
  return { token, adminPassword };
}

async function credentials() {
  const rest = `/platform/v1beta1/organizations/${DEFAULT_ORGANIZATION}/workspaces`;
  for (const [path, query] of [
    ["/v1", "{ self { user { id } } }"],
    ["/alpha", "{ organizations { id } }"],
  ] as const) {
    for (const value of [
      plain(),
      `Bearer ${plain()}`,
      `hou_${plain()}`,
      `Basic ${Buffer.from(plain()).toString("base64")}`,
    ])
      refused(await call(path, { query }, { authorization: value }));
  }
  for (const value of [
    plain(),
    `Bearer ${plain()}`,
    `eyJhbGciOiJub25lIn0.${Buffer.from(plain()).toString("base64url")}.`,
  ])
    refused(await call(rest, "", { authorization: value }, "GET"));
  // As some put it.
  refused(await call(`${rest}?token=${plain()}`, "", {}, "GET"));
  await call(`/v1/audit-log?token=${plain()}`, "", {}, "GET");
  await call(
    `/v1?query=${encodeURIComponent('mutation($p:String!){createToken(identity:"a",password:$p){token{value}}}')}&variables=${encodeURIComponent(say({ p: fresh() }))}`,
    "",
    { "x-apollo-operation-name": "x" },
    "GET",
  );
  for (const protocol of protocols) {
    const socket = await openSocket(houston.url, protocol);
    socket.send({ type: "connection_init", payload: { authorization: plain() } });
    errorBodies.push(say(await socket.closed), ...socket.messages.map(say));
  }
}

async function deployments(as: Headers) {
  const workspaceUuid = ok(await graphql(`mutation { createWorkspace(label: "Blue") { id } }`, {}, as)).data
    .createWorkspace.id;
  const UPSERT = `mutation ($id: Uuid, $w: Uuid, $label: String, $docker: JSON, $vars: [InputEnvironmentVariable], $dags: DagDeployment) {
    upsertDeployment(deploymentUuid: $id, workspaceUuid: $w, label: $label, executor: CeleryExecutor, image: "r.example.com/a:1",
      dockerconfigjson: $docker, environmentVariables: $vars, dagDeployment: $dags) { id releaseName environmentVariables { key value } } }`;
  const git = (httpsToken: unknown) => ({
    type: "git_sync",
    repositoryUrl: "https://git.example.com/a.git",
    authType: "https",
    httpsUsername: "me",
    httpsToken,
  });
  const ssh = (sshKey: unknown) => ({
    type: "git_sync",
    repositoryUrl: "git@git.example.com:a.git",
    knownHosts: "x",
    sshKey,
  });
  const docker = (auth: unknown) => ({ auths: { "r.example.com": { auth, password: fresh() } } });
  const vars = (count: number) => Array.from({ length: count }, () => secretVariable(fresh()));
  const upsert = (given: object) => graphql(UPSERT, { w: workspaceUuid, ...given }, as);
  const { data } = ok(await upsert({ label: "One", docker: docker(fresh()), vars: vars(15), dags: git(fresh()) }));
  const { id, releaseName } = data.upsertDeployment;
  ok(await upsert({ id, vars: vars(5), dags: git(fresh()), docker: docker(fresh()) }));
  ok(await upsert({ label: "Two", vars: vars(3), dags: ssh(`-----BEGIN-----\n${fresh()}\n`) }));
  const SET = `mutation ($id: Uuid!, $r: String!, $list: [InputEnvironmentVariable]!) {
    updateDeploymentVariables(deploymentUuid: $id, releaseName: $r, environmentVariables: $list) { key value } }`;
  const set = (list: unknown) => graphql(SET, { id, r: releaseName, list }, as);
  ok(await set(vars(10)));
  const IMAGE = `mutation ($r: String!, $docker: JSON) {
    updateDeploymentImage(releaseName: $r, image: "r.example.com/a:2", dockerconfigjson: $docker) { id } }`;
  ok(await graphql(IMAGE, { r: releaseName, docker: docker(fresh()) }, as));
  const VALIDATE = `mutation ($w: Uuid!, $t: String!) { validateGitSyncCredentials(clusterId: "", workspaceUuid: $w,
    repositoryUrl: "https://127.0.0.1:1/a.git", httpsUsername: "me", httpsToken: $t) { valid message } }`;
  await graphql(VALIDATE, { w: workspaceUuid, t: fresh() }, as);
  // Errors with secrets in them.
  refused(await set([secretVariable(fresh(), "1-bad")]));
  refused(await set([secretVariable({ a: fresh() })]));
  refused(await set([{ ...secretVariable(fresh()), isSecret: fresh() }]));
  refused(await set([{ ...secretVariable(fresh()), unknown: fresh() }]));
  refused(await set([secretVariable(`${fresh()}\0`)]));
  refused(await set([secretVariable(fresh({ length: 70_000 }))]));
  refused(await set([secretVariable(fresh(), "SAME"), secretVariable(fresh(), "SAME")]));
  refused(await set(fresh()));
  refused(await upsert({ id, dags: { ...git(fresh()), unknown: fresh() } }));
  refused(await upsert({ id, dags: git(["a", fresh()]) }));
  refused(
    await upsert({ id, dags: { ...git(fresh()), repositoryUrl: `https://me:${plain()}@git.example.com/a.git` } }),
  );
  refused(await upsert({ id, docker: [docker(fresh())] }));
  refused(await upsert({ id, docker: fresh() }));
  refused(await graphql(SET, { id: "nowhere", r: releaseName, list: vars(1) }, as));

  // The Platform API.
  const path = `/platform/v1beta1/organizations/${DEFAULT_ORGANIZATION}/deployments`;
  const examples = deploymentExamples(workspaceUuid);
  const created = ok(await call(path, { ...examples.create, environmentVariables: vars(5) }, as)).answer;
  const update = (environmentVariables: unknown) =>
    call(`${path}/${created.id}`, { ...examples.update, environmentVariables }, as);
  ok(await update(vars(5)));
  for (const bad of [
    [secretVariable({ a: fresh() })],
    [{ ...secretVariable(fresh()), isSecret: fresh() }],
    [{ ...secretVariable(fresh()), unknown: fresh() }],
    [secretVariable(fresh(), "1-bad")],
    fresh(),
  ])
    expect(refused(await update(bad)).answer.message).toMatch(/^environmentVariables/);
  refused(await call(`${path}/${created.id}`, `{"environmentVariables": [{"value": "${plain()}`, as));
  return { workspaceUuid, id };
}

async function connections(as: Headers, password: string) {
  const name = `mutation { createOrganization(name: "Ours") { id success } }`;
  const { id: organization } = ok(await alpha(name, {}, as)).data.createOrganization;
  const inside = { ...as, organization };
  const CREATE = `mutation ($code: String!, $proto: String!, $details: JSON!) { createConnection(name: "C", orgId: "${organization}",
    integrationCode: $code, connectionPrototypeId: $proto, details: $details) { id success message } }`;
  const create = (code: string, details: unknown) => alpha(CREATE, { code, proto: `${code}-1`, details }, inside);
  const webhook = { url: "https://example.com/e", headerName: "X-Key" };
  const { id } = ok(await create("webhook", { ...webhook, headerValue: plain() })).data.createConnection;
  ok(await create("amplitude", { apiKey: plain(), secretKey: plain() }));
  ok(
    await create("amazon-s3", {
      bucket: "bucket",
      region: "us-east-1",
      accessKeyId: plain(),
      secretAccessKey: plain(),
    }),
  );
  ok(await create("intercom", { appId: "a", accessToken: plain(), identitySecret: plain() }));
  ok(await create("mixpanel", { projectToken: plain(), apiSecret: plain() }));
  ok(await create("redshift", { host: "r.example.com", database: "d", username: "u", password: plain() }));
  ok(await create("slack", { webhookUrl: `https://hooks.slack.com/services/${plain()}` }));
  const UPDATE = `mutation ($id: String!, $details: JSON) { updateConnection(connectionId: $id, details: $details) { success message } }`;
  ok(await alpha(UPDATE, { id, details: { ...webhook, headerValue: plain() } }, inside));
  refused(await alpha(UPDATE, { id, details: { ...webhook, headerValue: [plain()] } }, inside));
  refused(await alpha(UPDATE, { id, details: plain() }, inside));
  refused(await create("webhook", { headerValue: plain() }));
  refused(await create("webhook", { ...webhook, headerValue: `${fresh()}é\n` }));
  refused(await create("webhook", { ...webhook, password: plain() }));
  refused(await create("mailchimp", { apiKey: plain() }));
  const KEY = `mutation { createApiKey(name: "Router", orgId: "${organization}") { id token success } }`;
  const { id: apiKeyId, token: key } = ok(await alpha(KEY, {}, inside)).data.createApiKey;
  const ROTATE = `mutation { rotateApiKey(apiKeyId: "${apiKeyId}") { token success } }`;
  const { token: rotated } = ok(await alpha(ROTATE, {}, inside)).data.rotateApiKey;
  for (const value of [key, rotated]) generated.push({ kind: "key", value });
  const signIn = await alpha(
    `mutation ($p: String!) { createToken(username: "first@example.com", password: $p) { token success } }`,
    { p: password },
  );
  generated.push({ kind: "token", value: ok(signIn).data.createToken.token });
}

async function accounts(as: Headers, password: string, { workspaceUuid, id }: { workspaceUuid: string; id: string }) {
  const created = [
    `createSystemServiceAccount(label: "A", role: SYSTEM_VIEWER)`,
    `createWorkspaceServiceAccount(label: "B", workspaceUuid: "${workspaceUuid}", role: WORKSPACE_VIEWER)`,
    `createDeploymentServiceAccount(label: "C", deploymentUuid: "${id}", role: DEPLOYMENT_VIEWER)`,
    `createSystemServiceAccount(label: "Rotated", role: SYSTEM_VIEWER)`,
  ];
  for (const one of created) {
    const { data } = ok(await graphql(`mutation { made: ${one} { id apiKey } }`, {}, as));
    const keys = [data.made.apiKey];
    if (one.includes("Rotated")) {
      const ROTATE = `mutation { made: rotateServiceAccountKey(serviceAccountUuid: "${data.made.id}") { apiKey } }`;
      keys.push(ok(await graphql(ROTATE, {}, as)).data.made.apiKey);
    }
    for (const value of keys) {
      generated.push({ kind: "key", value });
      ok(await graphql("{ self { serviceAccount { id } } }", {}, { authorization: value }));
    }
  }
  const REGISTER = `mutation ($kubeconfig: String) {
    registerCluster(name: "East", metadataUrl: "https://x.example.com", kubeconfig: $kubeconfig) { id } }`;
  for (const kubeconfig of [`users: [{token: ${plain()}}]`, fresh({ length: 70_000 }), [fresh()]])
    refused(await graphql(REGISTER, { kubeconfig }, as));
  ok(await graphql(`mutation { inviteUser(email: "guest@example.com") { id } }`, {}, as));
  await mailed("guest@example.com");
  const ADD = `mutation { workspaceAddUser(email: "guest2@example.com", workspaceUuid: "${workspaceUuid}") { id } }`;
  ok(await graphql(ADD, {}, as));
  const invitation = await mailed("guest2@example.com");
  const ACCEPT = `mutation ($p: String!, $t: String) { createUser(email: "guest2@example.com", password: $p, inviteToken: $t) { token { value } } }`;
  refused(await graphql(ACCEPT, { p: fresh(), t: plain() }));
  ok(await graphql(ACCEPT, { p: fresh(), t: invitation }));
  const SELF = "mutation ($payload: JSON!) { updateSelf(payload: $payload) { id } }";
  const next = fresh();
  refused(await graphql(SELF, { payload: { password: fresh(), currentPassword: fresh() } }, as));
  refused(await graphql(SELF, { payload: { password: [fresh()], currentPassword: password } }, as));
  refused(await graphql(SELF, { payload: { password: next, currentPassword: password, pasword: fresh() } }, as));
  ok(await graphql(SELF, { payload: { password: next, currentPassword: password } }, as));
}

/** Puts secrets in through every way in, also where they are rejected. Returns the headers of a System Admin. */
export async function putSecretsIn(): Promise<Headers> {
  const { token, adminPassword } = await people();
  const as = { authorization: token };
  await credentials();
  const scene = await deployments(as);
  await connections(as, adminPassword);
  await accounts(as, adminPassword, scene);
  return as;
}
