import { defineConfig } from "vitest/config";

/** One project per test level, each with its own budget: `vitest run --project unit`. */
const level = (name: string, testTimeoutSeconds: number, parallel: boolean) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout: testTimeoutSeconds * 1000,
    hookTimeout: testTimeoutSeconds * 1000,
    fileParallelism: parallel,
  },
});

export default defineConfig({
  test: {
    projects: [
      level("unit", 30, true),
      level("golden", 30, true),
      level("contract", 60, true),
      level("components", 60, true),
      level("clients", 120, false),
      level("engine", 300, false),
    ],
  },
});
