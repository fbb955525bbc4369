import { checkEncodings } from "./encoding-checks.ts";
import { checkArguments, checkMemory, checkThatSecretsAreForgotten } from "./exchange-checks.ts";
import { checkFiles } from "./file-checks.ts";
import { checkExport, checkHostility, checkMachines, checkVerificationByEmoji } from "./machine-checks.ts";
import { checkGroupSessions, checkSessions, checkShortStrings } from "./olm-checks.ts";
import { checkAgainstTheBrowser, checkCurves, checkVerification } from "./primitive-checks.ts";
import { checkHighlights, checkSearch } from "./search-checks.ts";
import { measureSpeed } from "./speed.ts";
import { Findings } from "./support.ts";

const checks = {
    checkAgainstTheBrowser, checkArguments, checkCurves, checkEncodings, checkExport, checkFiles, checkGroupSessions,
    checkHighlights, checkHostility, checkMachines, checkMemory, checkSearch, checkSessions, checkShortStrings,
    checkThatSecretsAreForgotten, checkVerification, checkVerificationByEmoji,
};

/** What the tests in Python call: what one check found, and how much it looked at. */
async function check(name: keyof typeof checks, ...vectors: never[]): Promise<{ findings: string[]; count: number }> {
    const findings = new Findings();
    await (checks[name] as (findings: Findings, ...vectors: never[]) => Promise<void>)(findings, ...vectors);
    return { findings: findings.list, count: findings.count };
}

Object.assign(globalThis, { check, measureSpeed });
