import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decideEngine, type Engine, lookAround, type Surroundings } from "../../../engine/find.ts";
import { type Machine, makeMachine } from "./machine.ts";

const engine = (source: Engine["source"]): Engine => ({
  pulumi: `/${source}/pulumi`,
  version: "v3.300.0",
  source,
  pathEntries: [`/${source}`],
});
const nothing: Surroundings = {
  onPath: undefined,
  downloaded: undefined,
  built: undefined,
  canDownload: false,
  canBuild: false,
  passedOver: [],
};

describe("the decision", () => {
  it("prefers PATH, then what npm downloaded, then what was built", () => {
    const all = {
      ...nothing,
      onPath: engine("path"),
      downloaded: engine("npm"),
      built: engine("cache"),
      canDownload: true,
      canBuild: true,
    };
    expect(decideEngine(all)).toEqual({ kind: "use", engine: engine("path") });
    expect(decideEngine({ ...all, onPath: undefined })).toEqual({ kind: "use", engine: engine("npm") });
    expect(decideEngine({ ...all, onPath: undefined, downloaded: undefined })).toEqual({
      kind: "use",
      engine: engine("cache"),
    });
  });

  it("downloads rather than builds, and keeps the build for when the download fails", () => {
    expect(decideEngine({ ...nothing, canDownload: true, canBuild: true })).toEqual({
      kind: "get",
      ways: ["download", "build"],
    });
    expect(decideEngine({ ...nothing, canDownload: true })).toEqual({ kind: "get", ways: ["download"] });
    expect(decideEngine({ ...nothing, canBuild: true })).toEqual({ kind: "get", ways: ["build"] });
    expect(decideEngine(nothing)).toEqual({ kind: "none" });
  });
});

describe("looking around", () => {
  let machine: Machine;
  const look = (downloadAnswers = false) =>
    lookAround(machine.env, { downloadAnswers: async () => downloadAnswers });
  beforeEach(async () => {
    machine = await makeMachine();
  });
  afterEach(() => machine.remove());

  it("takes the CLI on PATH with the language host beside it", async () => {
    const pulumi = await machine.add("bin/pulumi", "v3.300.1");
    await machine.add("bin/pulumi-language-nodejs");
    expect((await look()).onPath).toEqual({
      pulumi,
      version: "v3.300.1",
      source: "path",
      pathEntries: [join(machine.folder, "bin")],
    });
  });

  it("takes a language host from another folder of PATH, and from where a link of the CLI leads", async () => {
    await machine.add("bin/pulumi", "v3.300.1");
    await machine.add("opt/pulumi-language-nodejs");
    expect((await look()).onPath?.pathEntries).toEqual([
      join(machine.folder, "bin"),
      join(machine.folder, "opt"),
    ]);
    const linked = await makeMachine();
    const real = await linked.add("cellar/pulumi", "v3.300.1");
    await linked.add("cellar/pulumi-language-nodejs");
    await mkdir(join(linked.folder, "bin"));
    await symlink(real, join(linked.folder, "bin", "pulumi"));
    const found = await lookAround(linked.env, { downloadAnswers: async () => false });
    expect(found.onPath?.pathEntries).toEqual([join(linked.folder, "bin"), join(linked.folder, "cellar")]);
    await linked.remove();
  });

  it("passes over a CLI without language host, and goes on along PATH", async () => {
    await machine.add("bin/pulumi", "v3.300.1");
    const { onPath, passedOver } = await look();
    expect(onPath).toBeUndefined();
    expect(passedOver).toEqual([
      `${machine.folder}/bin/pulumi is passed over: no pulumi-language-nodejs beside it or on PATH`,
    ]);
  });

  it.each([
    ["v3.258.9", "v3.258.9 is older than v3.259.0"],
    ["v2.900.900", "v2.900.900 is older than v3.259.0"],
    ["cannot execute", '"pulumi version" prints no version'],
  ])("passes over a CLI that prints %s and takes the next one on PATH", async (prints, reason) => {
    await machine.add("bin/pulumi", prints);
    const newer = await machine.add("opt/pulumi", "v3.259.0");
    await machine.add("opt/pulumi-language-nodejs");
    const { onPath, passedOver } = await look();
    expect(onPath?.pulumi).toBe(newer);
    expect(passedOver).toEqual([`${machine.folder}/bin/pulumi is passed over: ${reason}`]);
  });

  it("never starts the npm package's launcher, which would download at once", async () => {
    await machine.add("lib/node_modules/pulumi/run.js", "v3.300.1");
    await machine.add("opt/pulumi-language-nodejs");
    await mkdir(join(machine.folder, "bin"));
    await symlink("../lib/node_modules/pulumi/run.js", join(machine.folder, "bin", "pulumi"));
    expect(await look()).toMatchObject({ onPath: undefined, passedOver: [] });
  });

  it("takes the newest complete CLI that the npm package keeps, none older than the oldest tried", async () => {
    const keep = async (version: string) => {
      await machine.add(`.pulumi/versions/${version}/bin/pulumi`, `v${version}`);
      await machine.add(`.pulumi/versions/${version}/bin/pulumi-language-nodejs`);
    };
    await keep("3.99.0");
    expect((await look()).downloaded).toBeUndefined();
    await keep("3.259.0");
    await keep("3.1000.0");
    await machine.add(".pulumi/versions/3.1001.0/bin/pulumi", "v3.1001.0");
    expect((await look()).downloaded).toMatchObject({
      pulumi: `${machine.folder}/.pulumi/versions/3.1000.0/bin/pulumi`,
      version: "v3.1000.0",
      source: "npm",
    });
  });

  it("looks for npm packages' CLIs below PULUMI_HOME where that is set", async () => {
    await machine.add("elsewhere/versions/3.259.0/bin/pulumi");
    await machine.add("elsewhere/versions/3.259.0/bin/pulumi-language-nodejs");
    machine.env.PULUMI_HOME = join(machine.folder, "elsewhere");
    expect((await look()).downloaded?.source).toBe("npm");
  });

  it("can download only with npm and an answer, and build only with a Go that reads these go.mod files", async () => {
    expect(await look(true)).toMatchObject({ canDownload: false, canBuild: false });
    await machine.add("bin/npm");
    await machine.add("bin/go", "go version go1.19.8 linux/amd64");
    const old = await look(true);
    expect(old).toMatchObject({ canDownload: true, canBuild: false });
    expect(old.passedOver).toEqual([
      `${machine.folder}/bin/go is passed over: it is go version go1.19.8 linux/amd64, and 1.21 is needed`,
    ]);
    await machine.add("bin/go", "go version go1.21.0 linux/amd64");
    expect(await look(false)).toMatchObject({ canDownload: false, canBuild: true });
  });

  it("asks nothing of the network where there is an engine", async () => {
    await machine.add("bin/npm");
    await machine.add("bin/pulumi", "v3.300.1");
    await machine.add("bin/pulumi-language-nodejs");
    const around = await lookAround(machine.env, {
      downloadAnswers: () => Promise.reject(new Error("the network was asked")),
    });
    expect(around.onPath?.source).toBe("path");
  });
});
