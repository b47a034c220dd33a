import type { Command } from 'commander';
import { registerAgent } from './agent/command.ts';
import { registerDcp } from './distribution/dcp.ts';
import { registerCertificates } from './distribution/certificates.ts';
import { registerImf } from './distribution/imf.ts';
import { registerKdm } from './distribution/kdm.ts';
import { registerBoxOffice } from './exhibition/box-office.ts';
import { registerFacility } from './exhibition/facility.ts';
import { registerPlaylog } from './exhibition/playlog.ts';
import { registerJ2k } from './j2k/j2k.ts';
import type { Environment } from './kernel/environment.ts';
import { registerHalls } from './network/halls.ts';
import { registerWhole } from './network/whole.ts';
import { registerOpencall } from './policy/opencall.ts';
import { registerPolicy } from './policy/policy.ts';
import { registerRegister } from './policy/register.ts';
import { registerMedia } from './production/media.ts';
import { registerTimeline } from './production/timeline.ts';
import { registerMhl } from './production/mhl.ts';
import { registerOffload } from './production/offload.ts';
import { registerOmc } from './production/omc.ts';
import { registerUpload } from './production/upload.ts';
import { registerSettlement } from './settlement/settle.ts';

/** Groups of the halls talk to a network; groups of formats work on files alone. */
export function registerCommands(program: Command, environment: Environment): void {
  registerHalls(program, environment);
  registerAgent(program, environment);
  registerMedia(program, environment);
  registerTimeline(program, environment);
  registerOmc(program, environment);
  registerMhl(program, environment);
  registerOffload(program, environment);
  registerUpload(program, environment);
  registerDcp(program, environment);
  registerJ2k(program, environment);
  registerImf(program, environment);
  registerKdm(program, environment);
  registerCertificates(program, environment);
  registerFacility(program, environment);
  registerPlaylog(program, environment);
  registerBoxOffice(program, environment);
  registerSettlement(program, environment);
  registerPolicy(program, environment);
  registerOpencall(program, environment);
  registerRegister(program, environment);
  registerWhole(program, environment);
}
