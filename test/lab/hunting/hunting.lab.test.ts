// One file, so that the language service, a second and more of CPU time, is loaded once and not by every suite.
import './suites/answers.ts';
import './suites/files.ts';
import './suites/limits.ts';
import './suites/reach.ts';
import './suites/refusals.ts';
import './suites/spans.ts';
