module.exports = { ...require('../../jest.preset.cjs'), displayName: 'email-verification', rootDir: __dirname };
