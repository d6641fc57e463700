/** Codes of countries and of their parts: a platform takes an unknown one without a word and never answers by it. */

/** ISO 3166-1 alpha-2, officially assigned (249), as of 2026-11. */
const COUNTRIES = new Set(
  `
  AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV
  BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES
  ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE
  IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY
  MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU
  NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM
  SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE
  VG VI VN VU WF WS YE YT ZA ZM ZW
  `.match(/\w+/g),
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
  return COUNTRIES.has(code);
}

/**
 * Whether the text is an ISO 3166-2 code in upper case: one that exists for the United States and Canada, one of
 * the right form below an assigned country elsewhere.
 */
export function isSubdivision(code: string): boolean {
  const [, country = "", part = ""] = /^([A-Z]{2})-([A-Z0-9]{1,3})$/.exec(code) ?? [];
  return isCountry(country) && (SUBDIVISIONS.get(country)?.has(part) ?? true);
}
