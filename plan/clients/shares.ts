/** How calls fall on the targets of one priority: three readings of SRV weights that real clients have. */

/**
 * proportional: as RFC 2782 says. uniform: weights are not looked at. heaviest: all calls of one client to the heaviest
 * target, or to the first on the wire of several that are equally heavy.
 */
export const SHARE_MODELS = ["proportional", "uniform", "heaviest"] as const;

export type ShareModel = (typeof SHARE_MODELS)[number];

/**
 * The share of each weight, 0 to 1, together 1: over many clients, so that equally heavy targets share what single
 * clients send to one of them. Empty for no weight.
 * @param weights at least 1 each
 */
export function shares(weights: readonly number[], model: ShareModel): number[] {
  switch (model) {
    case "proportional": {
      const sum = weights.reduce((total, weight) => total + weight, 0);
      return weights.map((weight) => weight / sum);
    }
    case "uniform":
      return weights.map(() => 1 / weights.length);
    case "heaviest": {
      const most = weights.reduce((a, b) => Math.max(a, b), 0);
      const count = weights.filter((weight) => weight === most).length;
      return weights.map((weight) => (weight === most ? 1 / count : 0));
    }
  }
}
