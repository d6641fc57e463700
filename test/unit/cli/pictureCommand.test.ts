import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { pictureCommand } from "../../../cli/pictureCommand.ts";
import { checkout } from "../../support/trackedFiles.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "dialtree-picture-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const staging = { inventory: path.join(checkout, "inventory/staging") };

function picture(options: Parameters<typeof pictureCommand>[0]): {
  code: number;
  stdout: string;
  stderr: string;
} {
  const written = { stdout: "", stderr: "" };
  const stream = (name: "stdout" | "stderr") =>
    ({
      write: (text: string) => {
        written[name] += text;
        return true;
      },
    }) as NodeJS.WritableStream;
  const code = pictureCommand(options, { stdout: stream("stdout"), stderr: stream("stderr") });
  return { code, ...written };
}

describe("dialtree picture", () => {
  it("prints the picture of the inventory that is named", () => {
    const { code, stdout, stderr } = picture({ ...staging, domain: "sip.example.org" });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^<svg .*iad1<\/tspan>\.sip\.example\.org<.*<\/svg>\n$/s);
  });

  it("writes a file in the place of an older one and leaves nothing else behind", () => {
    const out = path.join(folder, "tree.svg");
    writeFileSync(out, "old");
    expect(picture({ ...staging, out })).toEqual({ code: 0, stdout: "", stderr: `wrote ${out}\n` });
    expect(readFileSync(out, "utf8")).toBe(picture(staging).stdout);
    expect(readdirSync(folder)).toEqual(["tree.svg"]);
  });

  it("writes through a link and keeps the link", () => {
    const out = path.join(folder, "link.svg");
    writeFileSync(path.join(folder, "tree.svg"), "old");
    symlinkSync("tree.svg", out);
    picture({ ...staging, out });
    expect(lstatSync(out).isSymbolicLink()).toBe(true);
    expect(readFileSync(path.join(folder, "tree.svg"), "utf8")).toBe(picture(staging).stdout);
  });

  it.each([
    ["a folder", "", /^--out: .*: is a folder \[output-file\]; name a file in it$/],
    [
      "a file in a folder that is not there",
      "none/tree.svg",
      /: its folder does not exist \[output-file\]; /,
    ],
    ["a file below a file", "file/tree.svg", /: a part of its path is no folder \[output-file\]; /],
    ["a new name that ends as a folder's", "new/", /: a part of its path is no folder \[output-file\]; /],
    ["a link to itself", "loop", /: cannot be written: ELOOP \[output-file\]; /],
    ["a name that is too long", "x".repeat(300), /: cannot be written: ENAMETOOLONG \[output-file\]; /],
  ])("refuses %s and writes nothing", (_, name, message) => {
    writeFileSync(path.join(folder, "file"), "kept");
    symlinkSync("loop", path.join(folder, "loop"));
    expect(() => picture({ ...staging, out: path.join(folder, name) })).toThrow(message);
    expect(readdirSync(folder).toSorted()).toEqual(["file", "loop"]);
    expect(readFileSync(path.join(folder, "file"), "utf8")).toBe("kept");
  });

  it("refuses what is no plain file", () => {
    expect(() => picture({ ...staging, out: "/dev/null" })).toThrow(
      "--out: /dev/null: is no plain file [output-file]; leave --out away to print to standard output",
    );
  });
});
