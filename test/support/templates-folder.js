const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

/** A folder for what all workers of one run share: see migrated-database.ts. It goes with the run. */
module.exports = () => {
  const folder = mkdtempSync(join(tmpdir(), 'billing-templates-'));
  process.env.TEST_TEMPLATES = folder;
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
};
