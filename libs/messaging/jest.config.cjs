module.exports = {
  ...require('../../jest.preset.cjs'),
  displayName: 'messaging',
  rootDir: __dirname,
  // Suites share two cores with everything else that is tested.
  testTimeout: 30_000,
};
