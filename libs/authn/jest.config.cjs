module.exports = { ...require('../../jest.preset.cjs'), displayName: 'authn', rootDir: __dirname };
