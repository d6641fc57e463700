/** Type tokens of the components. Frozen: they are part of every URN below them. */
export const COMPONENT_TYPES = {
  node: "dialtree:index:Node",
  pop: "dialtree:index:Pop",
  region: "dialtree:index:Region",
  global: "dialtree:index:GlobalName",
  issuance: "dialtree:index:Issuance",
} as const;
