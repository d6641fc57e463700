/** Codes of countries and of their parts: a platform takes an unknown one without a word and never answers by it. */
import { CONTINENTS, type Continent } from "./treeSchema.ts";

/**
 * ISO 3166-1 alpha-2, officially assigned (249, as of 2026-11), by continent as GeoNames counts them. To which
 * continent a platform counts a country on a border (RU, TR, CY, KZ, TL) is published nowhere: name it as a country.
 */
const COUNTRIES: Record<Continent, string> = {
  AF: `
    AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EG EH ER ET GA GH GM GN GQ GW KE KM LR LS LY MA MG ML
    MR MU MW MZ NA NE NG RE RW SC SD SH SL SN SO SS ST SZ TD TG TN TZ UG YT ZA ZM ZW
  `,
  AN: "AQ BV GS HM TF",
  AS: `
    AE AF AM AZ BD BH BN BT CC CN CX GE HK ID IL IN IO IQ IR JO JP KG KH KP KR KW KZ LA LB LK MM
    MN MO MV MY NP OM PH PK PS QA SA SG SY TH TJ TM TR TW UZ VN YE
  `,
  EU: `
    AD AL AT AX BA BE BG BY CH CY CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT JE LI LT
    LU LV MC MD ME MK MT NL NO PL PT RO RS RU SE SI SJ SK SM UA VA
  `,
  NA: `
    AG AI AW BB BL BM BQ BS BZ CA CR CU CW DM DO GD GL GP GT HN HT JM KN KY LC MF MQ MS MX NI PA
    PM PR SV SX TC TT US VC VG VI
  `,
  OC: "AS AU CK FJ FM GU KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TL TO TV UM VU WF WS",
  SA: "AR BO BR CL CO EC FK GF GY PE PY SR UY VE",
};

const CONTINENT_OF = new Map(
  CONTINENTS.flatMap((continent) =>
    (COUNTRIES[continent].match(/\w+/g) ?? []).map((country) => [country, continent] as const),
  ),
);

/** ISO 3166-2 below the countries that callers are told apart in: the states and the district, the provinces. */
const SUBDIVISIONS = new Map([
  [
    "US",
    new Set(
      `
      AL AK AZ AR CA CO CT DC DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH
      NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY
      `.match(/\w+/g),
    ),
  ],
  ["CA", new Set("AB BC MB NB NL NS NT NU ON PE QC SK YT".match(/\w+/g))],
]);

/** Whether the text is an assigned ISO 3166-1 alpha-2 code in upper case. */
export function isCountry(code: string): boolean {
  return CONTINENT_OF.has(code);
}

/** The continent of an assigned country; undefined for any other text. */
export function continentOf(country: string): Continent | undefined {
  return CONTINENT_OF.get(country);
}

/** The assigned countries of a continent, sorted. */
export function countriesOf(continent: Continent): string[] {
  return [...CONTINENT_OF].flatMap(([country, its]) => (its === continent ? [country] : [])).sort();
}

/**
 * Whether the text is an ISO 3166-2 code in upper case: one that exists for the United States and Canada, one of
 * the right form below an assigned country elsewhere.
 */
export function isSubdivision(code: string): boolean {
  const [, country = "", part = ""] = /^([A-Z]{2})-([A-Z0-9]{1,3})$/.exec(code) ?? [];
  return isCountry(country) && (SUBDIVISIONS.get(country)?.has(part) ?? true);
}
