import { credentials, type ServiceError } from "@grpc/grpc-js";
import type { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb.js";
import providerService from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import messages, {
  type CheckResponse,
  type ConfigureResponse,
  type CreateResponse,
  type DiffResponse,
  type InvokeResponse,
  type ReadResponse,
} from "@pulumi/pulumi/proto/provider_pb.js";
import emptyMessages, { type Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import structMessages from "google-protobuf/google/protobuf/struct_pb.js";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ProviderDefinition } from "../../../../lab/providers/provider.ts";
import { type ServedProvider, serveProvider } from "../../../../lab/providers/serve.ts";

const URN = "urn:pulumi:t::p::lab:index:Thing::thing";

const definition: ProviderDefinition = {
  name: "lab",
  version: "1.2.3",
  resources: {
    "lab:index:Thing": {
      properties: { size: { required: true, replaces: true }, hidden: { secret: true }, colour: {} },
      create: async (inputs) => ({ id: "made", outputs: { ...inputs, made: true } }),
      read: async (id) => (id === "gone" ? undefined : { id, outputs: { size: 3, colour: "red" } }),
      update: async (_id, outputs, inputs) => ({ ...outputs, ...inputs }),
      delete: async () => {
        throw new Error("it does not want to go");
      },
    },
  },
  functions: { "lab:index:list": async ({ of }) => ({ listed: of }) },
};

let served: ServedProvider;
let client: InstanceType<typeof providerService.ResourceProviderClient>;
beforeEach(async () => {
  served = await serveProvider(definition);
  client = new providerService.ResourceProviderClient(
    `127.0.0.1:${served.port}`,
    credentials.createInsecure(),
  );
});
afterEach(async () => {
  client.close();
  await served.close();
});

type Done<Response> = (error: ServiceError | null, response: Response) => void;

function answer<Response>(send: (done: Done<Response>) => unknown): Promise<Response> {
  return new Promise((resolve, reject) => {
    send((error, response) => (error === null ? resolve(response) : reject(error)));
  });
}

const bag = (values: object) => structMessages.Struct.fromJavaScript({ ...values } as never);

test("the engine is told the version and that previews are understood", async () => {
  const info = await answer<PluginInfo>((done) => client.getPluginInfo(new emptyMessages.Empty(), done));
  const configured = await answer<ConfigureResponse>((done) =>
    client.configure(new messages.ConfigureRequest(), done),
  );
  expect([info.getVersion(), configured.getSupportspreview(), configured.getAcceptsecrets()]).toEqual([
    "1.2.3",
    true,
    false,
  ]);
});

test("a check drops unknown properties, marks secrets and names what is missing", async () => {
  const request = new messages.CheckRequest().setType("lab:index:Thing").setUrn(URN);
  const response = await answer<CheckResponse>((done) =>
    client.check(request.setNews(bag({ hidden: "x", unknown: 1 })), done),
  );
  expect(response.getInputs()?.toJavaScript()).toEqual({
    hidden: { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value: "x" },
  });
  expect(response.getFailuresList().map((failure) => failure.getProperty())).toEqual(["size"]);
});

test("a diff names what changed and what replaces", async () => {
  const request = new messages.DiffRequest()
    .setType("lab:index:Thing")
    .setOlds(bag({ size: 1, colour: "red" }));
  const response = await answer<DiffResponse>((done) =>
    client.diff(request.setNews(bag({ size: 2, colour: "blue" })), done),
  );
  expect(response.getDiffsList()).toEqual(["size", "colour"]);
  expect(response.getReplacesList()).toEqual(["size"]);
  const unchanged = await answer<DiffResponse>((done) =>
    client.diff(request.setNews(bag({ size: 1, colour: "red" })), done),
  );
  expect(unchanged.getChanges()).toBe(messages.DiffResponse.DiffChanges.DIFF_NONE);
});

test("a previewed create makes nothing", async () => {
  const request = new messages.CreateRequest().setType("lab:index:Thing").setProperties(bag({ size: 1 }));
  const preview = await answer<CreateResponse>((done) => client.create(request.setPreview(true), done));
  expect([preview.getId(), preview.getProperties()?.toJavaScript()]).toEqual(["", { size: 1 }]);
  const created = await answer<CreateResponse>((done) => client.create(request.setPreview(false), done));
  expect([created.getId(), created.getProperties()?.toJavaScript()]).toEqual([
    "made",
    { size: 1, made: true },
  ]);
});

test("a read without a prior state is an import, with one a refresh, and of nothing an empty answer", async () => {
  const request = () => new messages.ReadRequest().setType("lab:index:Thing").setId("there");
  const imported = await answer<ReadResponse>((done) => client.read(request(), done));
  expect(imported.getInputs()?.toJavaScript()).toEqual({ size: 3, colour: "red" });
  const known = request()
    .setProperties(bag({ size: 1 }))
    .setInputs(bag({ size: 1 }));
  expect(
    (await answer<ReadResponse>((done) => client.read(known, done))).getInputs()?.toJavaScript(),
  ).toEqual({ size: 3 });
  const withoutInputs = request().setProperties(bag({ size: 1 }));
  expect(
    (await answer<ReadResponse>((done) => client.read(withoutInputs, done))).getInputs()?.toJavaScript(),
  ).toEqual({});
  expect((await answer<ReadResponse>((done) => client.read(request().setId("gone"), done))).getId()).toBe("");
});

test("a failure arrives as its one line, and what is unknown is named", async () => {
  const request = new messages.DeleteRequest().setType("lab:index:Thing").setId("made");
  await expect(answer<Empty>((done) => client.delete(request, done))).rejects.toMatchObject({
    details: "it does not want to go",
  });
  const unknown = new messages.DeleteRequest().setType("lab:index:Other");
  await expect(answer<Empty>((done) => client.delete(unknown, done))).rejects.toMatchObject({
    details: "the lab's lab provider has no resource lab:index:Other",
  });
});

test("functions are invoked by their token", async () => {
  const request = new messages.InvokeRequest().setTok("lab:index:list").setArgs(bag({ of: "all" }));
  expect(
    (await answer<InvokeResponse>((done) => client.invoke(request, done))).getReturn()?.toJavaScript(),
  ).toEqual({
    listed: "all",
  });
});

test("several providers are served by one process, and a port that is taken is refused", async () => {
  const second = await serveProvider(definition);
  expect(second.port).not.toBe(served.port);
  await second.close();
  await expect(serveProvider(definition, served.port)).rejects.toThrow();
});
