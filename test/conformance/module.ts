/** Modules that are tests here, by plan; the README must list the same. */
export const modulesTested: { readonly plan: string; readonly module: string }[] = [];

/** Defines the test of one module. */
export type Module = (name: string, run: () => Promise<void>) => void;

/** The plans name one test for each module of the OpenID Foundation, under the module's own name. */
export function plan(name: string, define: (module: Module) => void): void {
  describe(name, () => {
    define((module, run) => {
      modulesTested.push({ plan: name, module });
      test(module, run, 30_000);
    });
  });
}
