module.exports = {
  ...require('../../jest.preset.cjs'),
  displayName: 'email-verification',
  rootDir: __dirname,
  // Databases are migrated, topics created and a consumer group joined before the first test.
  testTimeout: 60_000,
};
