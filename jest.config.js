/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // What only one sort of database can show is part of that database's run: TEST_DATABASE=mariadb npx jest …
  testPathIgnorePatterns: [
    '/node_modules/',
    process.env.TEST_DATABASE === 'mariadb' ? '\\.embedded\\.test\\.ts$' : '\\.server\\.test\\.ts$',
  ],
  // A test that fails leaves its connections open, and they must not keep the run from ending.
  forceExit: process.env.TEST_DATABASE === 'mariadb',
  setupFiles: ['reflect-metadata'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.(t|j)s$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
        },
        module: { type: 'commonjs' },
      },
    ],
  },
  // jose is published as an ES module only, which jest cannot require untranslated.
  transformIgnorePatterns: ['/node_modules/(?!jose/)'],
  testTimeout: 30_000,
};
