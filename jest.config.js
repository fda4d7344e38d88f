/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: '<rootDir>/test/support/environment.ts',
  globalSetup: '<rootDir>/test/support/templates-folder.js',
  testSequencer: '<rootDir>/test/support/long-first.js',
  // Most of a test's time is waiting, so every core gets a worker of its own.
  maxWorkers: '100%',
  // Each test file leaves some hundred megabytes of loaded modules to its worker, which is slow once it holds a gigabyte.
  workerIdleMemoryLimit: '600MB',
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
  // Tests wait for what happens and not for how long it takes, so this only ends one that hangs, on a busy machine too.
  testTimeout: 600_000,
};
