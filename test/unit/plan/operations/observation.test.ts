import { describe, expect, test } from "vitest";
import { idleFault, readObservation } from "../../../../plan/operations/observation.ts";

const NOW = new Date("2026-11-23T12:00:00Z");

describe("a report as JSON", () => {
  test("tells registrations and dialogs, and when, where it does", () => {
    expect(readObservation('{"registrations": 3, "dialogs": 0, "version": "5.8"}')).toEqual({
      registrations: 3,
      dialogs: 0,
    });
    expect(readObservation(' {"registrations": 0, "dialogs": 0, "at": "2026-11-23T11:59:00Z"}')).toEqual({
      registrations: 0,
      dialogs: 0,
      at: new Date("2026-11-23T11:59:00Z"),
    });
  });

  test.each([
    '{"registrations": 0}',
    '{"registrations": 0, "dialogs": null}',
    '{"registrations": "0", "dialogs": "0"}',
    '{"registrations": -1, "dialogs": 0}',
    '{"registrations": 0, "dialogs": 0, "at": "yesterday"}',
    '{"registrations": 0, "dialogs"',
  ])("%s does not tell", (text) => {
    expect(readObservation(text)).toHaveProperty("fault");
  });
});

describe("a report as metrics", () => {
  const metrics = [
    "# HELP sbc_registrations Contacts that are registered.",
    "# TYPE sbc_registrations gauge",
    'sbc_registrations{domain="a.example.net"} 2',
    'sbc_registrations{domain="b}.example.net"} 1 1763899200000',
    "sbc_dialogs 0",
    "sbc_dialogs_total 400",
    "",
  ].join("\n");

  test("adds up the samples of each kind and leaves counters with other names aside", () => {
    expect(readObservation(metrics)).toEqual({ registrations: 3, dialogs: 0 });
    expect(readObservation("registrations 0\r\ndialogs 0\r\n")).toEqual({ registrations: 0, dialogs: 0 });
  });

  test.each(["sbc_dialogs 0\n", "sbc_registrations NaN\nsbc_dialogs 0\n", "<html>dialogs 0</html>", ""])(
    "%j does not tell",
    (text) => {
      expect(readObservation(text)).toHaveProperty("fault");
    },
  );
});

describe("a node", () => {
  test("is idle when nothing is registered and no dialog is left", () => {
    expect(idleFault({ registrations: 0, dialogs: 0 }, NOW)).toBeUndefined();
    expect(idleFault({ registrations: 0, dialogs: 1 }, NOW)).toContain("0 registrations and 1 dialogs");
    expect(idleFault({ registrations: 1, dialogs: 0 }, NOW)).toContain("still needed");
  });

  test("is not idle by a report that is older than ten minutes, or of a time to come", () => {
    const at = (time: string) => idleFault({ registrations: 0, dialogs: 0, at: new Date(time) }, NOW);
    expect(at("2026-11-23T11:50:00Z")).toBeUndefined();
    expect(at("2026-11-23T11:49:59Z")).toContain("more than 10 minutes");
    expect(at("2026-11-23T12:10:01Z")).toContain("more than 10 minutes");
  });
});
