/** A provider of the lab as the engine uses it: check, then diff, then the operation. */
import {
  check,
  difference,
  type Properties,
  type ProviderDefinition,
  type ResourceState,
} from "../../lab/providers/provider.ts";

export interface Deployed extends ResourceState {
  readonly inputs: Properties;
}

export function resources(definition: ProviderDefinition, token: string) {
  const type = definition.resources[token];
  if (type === undefined) throw new Error(`no resource ${token}`);
  const checked = (news: Properties): Properties => {
    const { inputs, failures } = check(type, news);
    if (failures.length > 0) throw new Error(JSON.stringify(failures));
    return inputs;
  };
  return {
    failures: (news: Properties) =>
      check(type, news).failures.map(({ property, reason }) => `${property}: ${reason}`),
    async create(news: Properties): Promise<Deployed> {
      const inputs = checked(news);
      return { inputs, ...(await type.create(inputs)) };
    },
    diff: (old: Deployed, news: Properties) => difference(type, old.outputs, old.inputs, checked(news)),
    async update(old: Deployed, news: Properties): Promise<Deployed> {
      const inputs = checked(news);
      return { id: old.id, inputs, outputs: await type.update(old.id, old.outputs, inputs) };
    },
    async refresh(old: Deployed): Promise<Deployed | undefined> {
      const state = await type.read(old.id, old.outputs);
      return state && { ...old, ...state };
    },
    async import(id: string): Promise<Deployed | undefined> {
      const state = await type.read(id, {});
      return state && { ...state, inputs: type.importInputs?.(state.outputs) ?? state.outputs };
    },
    delete: (old: Deployed) => type.delete(old.id, old.outputs),
  };
}

export const UNCHANGED = { changed: [], replaces: [] };
