module.exports = {
  ...require('../jest.preset.cjs'),
  displayName: 'acceptance',
  rootDir: __dirname,
  testMatch: ['<rootDir>/{journeys,faults,load,conformance,differential}/**/*.spec.ts', '<rootDir>/*.spec.ts'],
};
