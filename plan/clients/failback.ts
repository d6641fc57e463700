/** When phones use a node again that is back, by the setting that decides: from their makers' manuals (read 2026-11). */

export interface PhoneFailback {
  readonly phone: string;
  readonly setting: string;
  /** `registration`: with the next registration. `ttl`: when the answer expires. */
  readonly after: number | "registration" | "ttl";
}

export const PHONE_FAILBACK: readonly PhoneFailback[] = [
  { phone: "Yealink", setting: "newRequests", after: 0 },
  { phone: "Yealink", setting: "DNSTTL", after: "ttl" },
  { phone: "Yealink", setting: "registration", after: "registration" },
  { phone: "Yealink", setting: "duration, as delivered", after: 3600 },
  { phone: "Poly UCS", setting: "newRequests, the default", after: 0 },
  { phone: "Poly UCS", setting: "duration, as delivered", after: 3600 },
  { phone: "Cisco SPA and MPP", setting: "Proxy Fallback Intvl, or", after: "registration" },
  { phone: "AudioCodes", setting: "OPTIONS keep-alive, as delivered", after: 60 },
  { phone: "Avaya IP Office", setting: "none: after a change of the DNS, or", after: 600 },
];
