import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fetchTool, findTool } from "../../../check/fetchedTools.ts";

const tool = { version: "1.2.3", goPackage: "example.com/lint/cmd/lint", pythonPackage: "lint-py==1.2.3.4" };

let folder: string;
let env: NodeJS.ProcessEnv;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "fetched-"));
  const commands = path.join(folder, "commands");
  mkdirSync(commands);
  for (const name of ["mkdir", "cat", "chmod"]) {
    command(name, `exec /bin/${name} "$@"`);
  }
  env = { PATH: commands, DIALTREE_CACHE: path.join(folder, "cache") };
});

afterEach(() => rmSync(folder, { recursive: true }));

function command(name: string, script: string): void {
  const file = path.join(folder, "commands", name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}

/** Stand-ins for the real commands: each writes an executable that tells how it was asked for. */
const goodGo = 'mkdir -p "$GOBIN"; echo "go $*" > "$GOBIN/lint"; chmod 755 "$GOBIN/lint"';
const goodPython = `mkdir -p "$3/bin"; cat > "$3/bin/pip" <<'PIP'
#!/bin/sh
echo "pip $*" > "\${0%pip}lint"; chmod 755 "\${0%pip}lint"
PIP
chmod 755 "$3/bin/pip"`;

function fetched(): string | undefined {
  const file = findTool("lint", tool, env);
  return file && readFileSync(file, "utf8").trim();
}

describe("a tool that no system package has", () => {
  it("is found on PATH, fetched or not", async () => {
    expect(findTool("lint", tool, env)).toBeUndefined();
    command("lint", "");
    expect(findTool("lint", tool, env)).toBe(path.join(folder, "commands", "lint"));
  });

  it("is fetched with Go into the cache folder, where it is found", async () => {
    command("go", goodGo);
    expect(await fetchTool("lint", tool, env)).toEqual([]);
    expect(fetched()).toBe("go install example.com/lint/cmd/lint@v1.2.3");
    expect(readdirSync(path.join(folder, "cache", "tools"))).toEqual(["lint-1.2.3"]);
  });

  it("is fetched with Python where there is no Go or Go fails", async () => {
    command("go", "exit 1");
    command("python3", goodPython);
    expect(await fetchTool("lint", tool, env)).toEqual([]);
    expect(fetched()).toBe("pip install --quiet lint-py==1.2.3.4");
  });

  it("leaves nothing behind when it cannot be fetched, and each way says why", async () => {
    expect(await fetchTool("lint", tool, env)).toEqual(["neither go nor python3 is installed"]);
    command("go", 'echo "first" >&2; echo "no such module" >&2; exit 1');
    command("python3", "exit 3");
    expect(await fetchTool("lint", tool, env)).toEqual([
      "go install example.com/lint/cmd/lint@v1.2.3: exit code 1: no such module",
      expect.stringMatching(/^python3 -m venv \S+: exit code 3/),
    ]);
    expect(readdirSync(path.join(folder, "cache", "tools"))).toEqual([]);
  });
});
