#!/usr/bin/env node
'use strict';

const { buildIfStale } = require('./build-if-stale.js');

if (!buildIfStale()) process.exit(1);
require('../dist/src/main.js');
