/** Shared by every project: ESM through SWC with decorator metadata, libraries resolved from source. */
module.exports = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  globalSetup: require.resolve('./infra/ci/jest-setup.mjs'),
  globalTeardown: require.resolve('./infra/ci/jest-teardown.mjs'),
  // Real servers on a busy machine; a test that needs less says so itself, by its own deadlines. A run of several
  // projects takes this from the command line only: infra/ci/test.mjs repeats it.
  testTimeout: 60_000,
  testMatch: ['<rootDir>/src/**/*.spec.ts'],
  // 'import' or 'require' here would break TypeORM's own ESM/CJS bridge.
  testEnvironmentOptions: { customExportConditions: ['@gatehouse/source', 'node', 'node-addons'] },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        sourceMaps: 'inline',
        module: { type: 'es6' },
        jsc: {
          target: 'es2024',
          keepClassNames: true,
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
        },
      },
    ],
  },
};
