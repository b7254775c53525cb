-- Each statement sets a trap that a real OpenMES database holds sooner or later.
-- a night shift over the end of daylight saving, with events before it
update shifts set days_of_week = '["1", "2", "3", "4", "5", "6"]' where code = 'N1';
insert into production_downtimes (line_id, downtime_reason_id, started_at, ended_at, duration_minutes)
values (1, 1, '2026-10-15 08:00:00', '2026-10-15 08:30:00', 30);
-- a pattern of all lines, on day 0 that others call 7; and one that was deleted
insert into shifts (name, code, start_time, end_time, days_of_week) values ('Sunday', 'SUNDAY', '06:00', '14:00', '[0]');
insert into shifts (name, code, start_time, end_time, days_of_week, deleted_at)
values ('Gone', 'GONE', '00:00', '01:00', '[1,2,3,4,5]', '2026-11-01');
-- soft deletes
update batches set deleted_at = now() where id = 3;
update work_orders set deleted_at = now() where id = 164;
-- a machine that was replaced by one of the same code
insert into workstations (id, line_id, code, name, is_active, deleted_at)
values (901, 1, 'REBORN', 'Reborn, old', false, '2026-11-10'), (902, 1, 'REBORN', 'Reborn, new', true, null);
-- scrap with a reason is part of the batch's scrap
insert into scrap_entries (work_order_id, scrap_reason_id, quantity, batch_step_id, reported_at)
select 1, 1, 2, min(id), '2026-11-22 07:00:00' from batch_steps where batch_id = 1;
-- quality
insert into quality_checks (id, batch_id, checked_at, all_passed) values (1, 1, '2026-11-22 08:00:00', false);
insert into quality_check_samples (id, quality_check_id, sample_number, parameter_name, parameter_type, value_numeric, is_passed)
values (1, 1, 1, 'width', 'measurement', 10.2, true), (2, 1, 2, 'look', 'pass_fail', null, false),
    (3, 1, 3, 'look', 'pass_fail', null, true);
insert into inspections (id, material_id, lot_number, quantity_received, started_at, completed_at, status, disposition)
values (1, 1, 'LOT-9', 40, '2026-11-20 08:00', '2026-11-20 09:00', 'completed', 'reject'),
    (2, 1, 'LOT-10', 40, '2026-11-20 08:00', null, 'in_progress', 'pending');
-- people
insert into worker_absences (worker_id, type, starts_on, ends_on, status)
values (1, 'sick', '2026-11-13', '2026-11-17', 'approved'), (2, 'vacation', '2026-11-13', '2026-11-17', 'approved'),
    (3, 'sick', '2026-11-13', '2026-11-17', 'rejected');
insert into workers (id, code, name, is_active, pay_type) values (900, 'OP-900', 'Nobody Known', true, 'hourly');
insert into employee_activities (worker_id, type, starts_at, ends_at)
values (900, 'work', '2026-11-18 08:00', '2026-11-18 10:00'), (900, 'qc', '2026-11-18 09:00', '2026-11-18 11:30'),
    (900, 'break', '2026-11-18 11:30', '2026-11-18 12:00'), (900, 'work', '2099-01-01 08:00', '2099-01-01 16:00');
-- planned run time by template, of which the newest active one holds
update process_templates set ideal_cycle_minutes = 0.5 where id = 1;
insert into process_templates (product_type_id, name, version, is_active, ideal_cycle_minutes)
values (1, 'HEPA-13, draft', 2, false, 0.1);
