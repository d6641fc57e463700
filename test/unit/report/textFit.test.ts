import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Font, fitText, textWidth, wrapText } from "../../../report/textFit.ts";

const sans: Font = { family: "sans", size: 12, bold: false };
const mono: Font = { family: "mono", size: 12, bold: false };

const words = fc
  .array(fc.string({ unit: fc.constantFrom(..."abcimwW,09-"), minLength: 1, maxLength: 12 }), {
    minLength: 1,
  })
  .map((parts) => parts.join(" "));

describe("text in a picture", () => {
  it("is estimated wider when it is bold or in wide letters", () => {
    expect(textWidth("WMWM", sans)).toBeGreaterThan(textWidth("ilil", sans));
    expect(textWidth("sip", { ...sans, bold: true })).toBeGreaterThan(textWidth("sip", sans));
    expect(textWidth("WMWM", mono)).toBe(textWidth("ilil", mono));
  });

  it("is left alone where it fits, and ends in an ellipsis where not", () => {
    expect(fitText("euro.sip.example.net", mono, 200)).toBe("euro.sip.example.net");
    expect(fitText("euro.sip.example.net", mono, 75)).toBe("euro.sip.…");
    expect(fitText("euro", mono, 3)).toBe("");
  });

  it("breaks after commas first, between words where a phrase is too long", () => {
    expect(wrapText("for N. America, 20 US states", sans, 130, 3)).toEqual([
      "for N. America,",
      "20 US states",
    ]);
    expect(wrapText("for N. America, 20 US states", sans, 60, 9)).toEqual([
      "for N.",
      "America,",
      "20 US",
      "states",
    ]);
  });

  it("ends the last line that is allowed in an ellipsis", () => {
    expect(wrapText("for N. America, 20 US states", sans, 60, 2)).toEqual(["for N.", "Americ…"]);
  });

  it("never becomes wider than its room, and loses nothing while there are lines", () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 0, max: 300 }), (text, width) => {
        for (const line of wrapText(text, sans, width, 3)) {
          expect(textWidth(line, sans)).toBeLessThanOrEqual(width);
        }
        const roomy = Math.max(width, 200);
        expect(wrapText(text, sans, roomy, Number.POSITIVE_INFINITY).join(" ")).toBe(text);
      }),
    );
  });
});
