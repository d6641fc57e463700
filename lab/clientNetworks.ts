/**
 * Where the lab's callers are: documentation networks (RFC 5737) that stand for places, so that
 * `dig +subnet=192.0.2.0/27` asks as a caller in Frankfurt does.
 */
import type { LocatedNetwork } from "./geo/locate.ts";

export interface ClientNetwork extends LocatedNetwork {
  /** For a person: the city that the network stands for. */
  readonly city: string;
}

export const CLIENT_NETWORKS: readonly ClientNetwork[] = [
  {
    network: "192.0.2.0/27",
    city: "Frankfurt",
    location: { continent: "EU", country: "DE", cloudflareRegion: "WEU" },
  },
  {
    network: "192.0.2.32/27",
    city: "Warsaw",
    location: { continent: "EU", country: "PL", cloudflareRegion: "EEU" },
  },
  {
    network: "192.0.2.64/27",
    city: "Nairobi",
    location: { continent: "AF", country: "KE", cloudflareRegion: "SAF" },
  },
  {
    network: "192.0.2.96/27",
    city: "Cairo",
    location: { continent: "AF", country: "EG", cloudflareRegion: "NAF" },
  },
  {
    network: "198.51.100.0/27",
    city: "Ashburn",
    location: { continent: "NA", country: "US", subdivision: "VA", cloudflareRegion: "ENAM" },
  },
  {
    network: "198.51.100.32/27",
    city: "Los Angeles",
    location: { continent: "NA", country: "US", subdivision: "CA", cloudflareRegion: "WNAM" },
  },
  {
    network: "198.51.100.64/27",
    city: "Toronto",
    location: { continent: "NA", country: "CA", subdivision: "ON", cloudflareRegion: "ENAM" },
  },
  {
    network: "198.51.100.96/27",
    city: "Bogotá",
    location: { continent: "SA", country: "CO", cloudflareRegion: "NSAM" },
  },
  {
    network: "198.51.100.128/27",
    city: "Santiago",
    location: { continent: "SA", country: "CL", cloudflareRegion: "SSAM" },
  },
  {
    network: "198.51.100.160/27",
    city: "Chicago",
    location: { continent: "NA", country: "US", subdivision: "IL", cloudflareRegion: "ENAM" },
  },
  {
    // Which of its regions Cloudflare counts Mexico to is not in its documentation (read 2026-11-23): none here.
    network: "198.51.100.192/27",
    city: "Mexico City",
    location: { continent: "NA", country: "MX" },
  },
  {
    network: "198.51.100.224/27",
    city: "McMurdo Station",
    location: { continent: "AN", country: "AQ" },
  },
  {
    network: "203.0.113.0/27",
    city: "Tokyo",
    location: { continent: "AS", country: "JP", cloudflareRegion: "NEAS" },
  },
  {
    network: "203.0.113.32/27",
    city: "Singapore",
    location: { continent: "AS", country: "SG", cloudflareRegion: "SEAS" },
  },
  {
    network: "203.0.113.64/27",
    city: "Mumbai",
    location: { continent: "AS", country: "IN", cloudflareRegion: "SAS" },
  },
  {
    network: "203.0.113.96/27",
    city: "Dubai",
    location: { continent: "AS", country: "AE", cloudflareRegion: "ME" },
  },
  {
    network: "203.0.113.128/27",
    city: "Sydney",
    location: { continent: "OC", country: "AU", cloudflareRegion: "OC" },
  },
];
