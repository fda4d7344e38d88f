import 'reflect-metadata';
import { existsSync } from 'node:fs';
import { runProgram } from './cli/program.js';

if (existsSync('.env')) process.loadEnvFile('.env');

void runProgram(process.argv).then((code) => {
  process.exitCode = process.exitCode ?? code;
});
