import { spawnSync } from 'node:child_process';

/** One sentence for each thing that has to be installed by hand and is not; checked before anything is started. */
export function missingPrerequisites(env, needsServers) {
  const missing = [];
  if (Number(process.versions.node.split('.')[0]) < 20)
    missing.push(`Node 20 or newer is needed, this is ${process.version}: install it from your distribution.`);
  if (!has('npm', '--version'))
    missing.push('npm is needed: it comes with Node, or install it from your distribution.');
  if (!needsServers) return missing;
  if (!env.KAFKA_BROKERS && javaVersion() < 17)
    missing.push(
      'Java 17 or newer is needed to run Kafka: install it (Debian: apt install openjdk-17-jre-headless), or set KAFKA_BROKERS to an existing Kafka.',
    );
  if (!(env.KAFKA_BROKERS && env.REDIS_HOST && env.STATE_REDIS_URL) && !has('mvn', '--version'))
    missing.push(
      'Maven is needed to fetch Kafka: install it (Debian: apt install maven), or set KAFKA_BROKERS, REDIS_HOST and STATE_REDIS_URL to existing servers.',
    );
  return missing;
}

function has(command, ...args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

/** The major version of the Java on the PATH; 0 without one. */
function javaVersion() {
  const { stderr } = spawnSync('java', ['-version'], { encoding: 'utf8' });
  const [, major, minor] = /version "(\d+)(?:\.(\d+))?/.exec(stderr ?? '') ?? [];
  return Number(major === '1' ? minor : major) || 0;
}
