/** Every check of meaning, in the order in which its findings are told. */
import type { Draft } from "../draft.ts";
import { addresses, duplicateAddresses, publishedRanges } from "./addressRules.ts";
import { areaOverlaps, areas, steeredNames } from "./areaRules.ts";
import { floors, keyTypes, renewalTimes, requestPaths, requestProfiles } from "./certificateRules.ts";
import type { Finding } from "./finding.ts";
import { expectedLoads } from "./loadRules.ts";
import { challengeZones, domains, labels, nameCollisions, nameLength, reservedLabels } from "./nameRules.ts";
import { activeNodes, duplicateSlots, regionOfPops, sinceTimes } from "./nodeRules.ts";
import {
  geoForms,
  lintReasons,
  probeRequest,
  probeTiming,
  repeatedValues,
  setSizes,
  transports,
} from "./policyRules.ts";
import { fallbackCycles, popMentions, regionMentions, regionsWithoutAnswer } from "./regionRules.ts";

type Check = (draft: Draft) => Iterable<Finding>;

export const CHECKS: readonly Check[] = [
  activeNodes,
  duplicateSlots,
  duplicateAddresses,
  regionOfPops,
  sinceTimes,
  requestPaths,
  requestProfiles,
  keyTypes,
  addresses,
  publishedRanges,
  labels,
  reservedLabels,
  nameCollisions,
  domains,
  challengeZones,
  nameLength,
  regionMentions,
  popMentions,
  fallbackCycles,
  regionsWithoutAnswer,
  areas,
  areaOverlaps,
  steeredNames,
  transports,
  setSizes,
  probeTiming,
  probeRequest,
  geoForms,
  renewalTimes,
  floors,
  expectedLoads,
  lintReasons,
  repeatedValues,
];
