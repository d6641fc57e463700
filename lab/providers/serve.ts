/**
 * Serves provider definitions to the Pulumi engine over gRPC, several in one process.
 *
 * `main()` of `@pulumi/pulumi/provider` serves one provider per process, prints its port and never closes; its
 * server cannot import either (`read` fails without a prior state) and shows nothing of an update before it
 * runs. So the SDK's service definition is served directly.
 */
import { status as grpcStatus, Server, ServerCredentials, type sendUnaryData } from "@grpc/grpc-js";
import pluginMessages from "@pulumi/pulumi/proto/plugin_pb.js";
import providerService from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import messages, {
  type CheckRequest,
  type CreateRequest,
  type DeleteRequest,
  type DiffRequest,
  type InvokeRequest,
  type ReadRequest,
  type UpdateRequest,
} from "@pulumi/pulumi/proto/provider_pb.js";
import emptyMessages from "google-protobuf/google/protobuf/empty_pb.js";
import structMessages, {
  type JavaScriptValue,
  type Struct,
} from "google-protobuf/google/protobuf/struct_pb.js";
import {
  check,
  type Difference,
  difference,
  importedInputs,
  type Properties,
  type ProviderDefinition,
  previewUpdate,
  type ResourceType,
  refreshedInputs,
} from "./provider.ts";

/** Time for running calls to end when a server closes. */
const CLOSE_TIMEOUT_MILLISECONDS = 2_000;

/** Well above the answer for a zone of 10,000 records. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

/** The engine's marker of a secret value in a property bag. */
const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

export interface ServedProvider {
  readonly name: string;
  /** On 127.0.0.1. */
  readonly port: number;
  close(): Promise<void>;
}

/** Serves on 127.0.0.1, on a free port unless one is given. */
export async function serveProvider(definition: ProviderDefinition, port = 0): Promise<ServedProvider> {
  const server = new Server({
    "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
    "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
  });
  server.addService(providerService.ResourceProviderService, handlers(definition));
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, actual) => {
      if (error === null) resolve(actual);
      else reject(error);
    });
  });
  return { name: definition.name, port: bound, close: () => close(server) };
}

async function close(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => {
      server.forceShutdown();
      resolve();
    }, CLOSE_TIMEOUT_MILLISECONDS);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

type Handler<Request, Response> = (call: { request: Request }, callback: sendUnaryData<Response>) => void;

/** A handler whose failures reach the engine as one line. */
function unary<Request, Response>(
  answer: (request: Request) => Promise<Response> | Response,
): Handler<Request, Response> {
  return (call, callback) => {
    const answered = async () => answer(call.request);
    answered().then(
      (response) => callback(null, response),
      (error: unknown) => {
        callback({
          code: grpcStatus.UNKNOWN,
          details: error instanceof Error ? error.message : String(error),
        });
      },
    );
  };
}

function handlers(definition: ProviderDefinition) {
  const typeOf = (request: { getType(): string; getUrn(): string }): ResourceType => {
    const token = request.getType();
    const type = definition.resources[token];
    if (type === undefined) throw new Error(`the lab's ${definition.name} provider has no resource ${token}`);
    return type;
  };
  return {
    getPluginInfo: unary(() => new pluginMessages.PluginInfo().setVersion(definition.version)),
    getSchema: unary(() => new messages.GetSchemaResponse().setSchema("{}")),
    attach: unary(() => new emptyMessages.Empty()),
    cancel: unary(() => new emptyMessages.Empty()),
    checkConfig: unary((request: CheckRequest) =>
      checkResponse(
        properties(request.getNews()),
        definition.checkConfig?.(properties(request.getNews())) ?? [],
      ),
    ),
    diffConfig: unary(() => new messages.DiffResponse()),
    // Secrets are not accepted, so the engine itself keeps the mark on every property that carried one.
    configure: unary(() => new messages.ConfigureResponse().setSupportspreview(true)),
    check: unary((request: CheckRequest) => {
      const type = typeOf(request);
      const { inputs, failures } = check(type, properties(request.getNews()));
      return checkResponse(markSecrets(type, inputs), failures);
    }),
    diff: unary((request: DiffRequest) =>
      diffResponse(
        difference(
          typeOf(request),
          properties(request.getOlds()),
          properties(request.getOldInputs()),
          properties(request.getNews()),
        ),
      ),
    ),
    create: unary(async (request: CreateRequest) => {
      const inputs = properties(request.getProperties());
      const type = typeOf(request);
      const { id, outputs } = request.getPreview() ? { id: "", outputs: inputs } : await type.create(inputs);
      return new messages.CreateResponse().setId(id).setProperties(struct(outputs));
    }),
    read: unary(async (request: ReadRequest) => {
      const type = typeOf(request);
      const known = properties(request.getProperties());
      const state = await type.read(request.getId(), known);
      if (state === undefined) return new messages.ReadResponse();
      const imported = Object.keys(known).length === 0;
      const inputs = imported
        ? importedInputs(type, state.outputs)
        : refreshedInputs(state.outputs, properties(request.getInputs()));
      return new messages.ReadResponse()
        .setId(state.id)
        .setProperties(struct(state.outputs))
        .setInputs(struct(markSecrets(type, inputs)));
    }),
    update: unary(async (request: UpdateRequest) => {
      const type = typeOf(request);
      const outputs = properties(request.getOlds());
      const inputs = properties(request.getNews());
      const updated = request.getPreview()
        ? previewUpdate(type, outputs, inputs)
        : await type.update(request.getId(), outputs, inputs);
      return new messages.UpdateResponse().setProperties(struct(updated));
    }),
    delete: unary(async (request: DeleteRequest) => {
      await typeOf(request).delete(request.getId(), properties(request.getProperties()));
      return new emptyMessages.Empty();
    }),
    invoke: unary(async (request: InvokeRequest) => {
      const invoke = definition.functions[request.getTok()];
      if (invoke === undefined) {
        throw new Error(`the lab's ${definition.name} provider has no function ${request.getTok()}`);
      }
      return new messages.InvokeResponse().setReturn(struct(await invoke(properties(request.getArgs()))));
    }),
  };
}

function checkResponse(inputs: Properties, failures: readonly { property: string; reason: string }[]) {
  const response = new messages.CheckResponse().setInputs(struct(inputs));
  for (const { property, reason } of failures) {
    response.addFailures(new messages.CheckFailure().setProperty(property).setReason(reason));
  }
  return response;
}

function diffResponse({ changed, replaces }: Difference) {
  const { DiffChanges } = messages.DiffResponse;
  const response = new messages.DiffResponse()
    .setChanges(changed.length === 0 ? DiffChanges.DIFF_NONE : DiffChanges.DIFF_SOME)
    .setDiffsList([...changed])
    .setReplacesList([...replaces])
    .setHasdetaileddiff(true);
  const { Kind } = messages.PropertyDiff;
  for (const key of changed) {
    const kind = replaces.includes(key) ? Kind.UPDATE_REPLACE : Kind.UPDATE;
    response.getDetaileddiffMap().set(key, new messages.PropertyDiff().setKind(kind));
  }
  return response;
}

function markSecrets(type: ResourceType, inputs: Properties): Properties {
  const marked = Object.entries(inputs).map(([key, value]) => [
    key,
    type.properties[key]?.secret ? { ...SECRET, value } : value,
  ]);
  return Object.fromEntries(marked);
}

function properties(bag: Struct | undefined): Properties {
  return bag?.toJavaScript() ?? {};
}

/** A property bag holds JSON values only: what is undefined is absent. */
function struct(values: Properties): Struct {
  return structMessages.Struct.fromJavaScript(
    JSON.parse(JSON.stringify(values)) as Record<string, JavaScriptValue>,
  );
}
