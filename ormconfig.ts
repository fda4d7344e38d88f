import 'reflect-metadata';
import { systemTimers } from './src/clock/system-clock.js';
import { loadConfig } from './src/config.js';
import { migrationSource } from './src/database/migration-source.js';

/** For TypeORM's own command line, after `npm run build`: `npx typeorm migration:show -d dist/ormconfig.js`. */
export default migrationSource(loadConfig().databaseUrl, systemTimers);
