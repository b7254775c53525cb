"""Tables of the two simulated vendors, and of the simulator itself.

Belongs here: names, columns and keys of the tables, and creating them. Does not belong here: rows,
or what the columns mean to us (`dbt_project/models/staging/demo_*/`).

Columns are TEXT unless marked `:i` (INTEGER). Neither vendor keeps quantities or money as floating
point. Every vendor table ends with the time of the row's last change in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

MES, ERP, FEED = "mes", "erp", "feed"


@dataclass(frozen=True)
class Table:
    """One table: where it lives, its columns in order, and how many of them form the key."""

    database: str
    name: str
    columns: tuple[str, ...]
    keys: int
    changed: str

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all columns, that of the change time last."""
        return (*(c.removesuffix(":i") for c in self.columns), self.changed)

    @property
    def create(self) -> str:
        """DDL."""
        types = [
            f"{c[:-2]} INTEGER" if c.endswith(":i") else f"{c} TEXT"
            for c in (*self.columns, self.changed)
        ]
        key = ", ".join(self.names[: self.keys])
        columns = ", ".join(types)
        return f"CREATE TABLE {self.database}.{self.name} ({columns}, PRIMARY KEY ({key}))"

    @property
    def index(self) -> str:
        """DDL of the index that vendors keep for interfaces that ask for changes."""
        return f"CREATE INDEX {self.database}.{self.name}_chg ON {self.name} ({self.changed})"

    @property
    def upsert(self) -> str:
        """Statement that inserts a row or replaces the one with its key."""
        marks = ", ".join("?" * len(self.names))
        return f"INSERT OR REPLACE INTO {self.database}.{self.name} VALUES ({marks})"


def _tables(database: str, changed: str, *definitions: str) -> dict[str, Table]:
    tables = {}
    for definition in definitions:
        name, keys, *columns = definition.split()
        tables[name] = Table(database, name, tuple(columns), int(keys), changed)
    return tables


TABLES: Mapping[str, Table] = MappingProxyType(
    _tables(
        MES,
        "upd_utc",
        "resource 1 res_id:i res_code res_name res_kind:i parent_res:i tz rate_ph:i rate_uom"
        " cost_ct_ph:i erp_wc",
        "reason 1 rsn_code rsn_text rsn_grp:i",
        "shift_cal 2 res_id:i t_from t_to shift_cd work_day brk_min:i",
        "mc_log 1 log_id:i res_id:i st_code:i rsn_code ord_no t_from ofs_from:i t_to ofs_to:i",
        "wo_head 1 ord_no erp_ref res_id:i item_no q_plan:i q_rep:i uom stat:i t_release t_plan"
        " t_due t_start t_end split_from",
        "wo_op 2 ord_no op_no:i res_id:i last_op:i te_ms:i te_base:i tr_min:i std_min:i act_min:i"
        " t_start t_end",
        "qty_tick 1 tick_id:i res_id:i ord_no op_no:i item_no uom t_at ofs_min:i q_good:i"
        " q_scrap:i q_rework:i scrap_rsn storno_of:i",
        "mat_use 1 use_id:i res_id:i ord_no item_no uom qty:i lot t_at",
        "qc_lot 1 lot_id:i res_id:i ord_no op_no:i item_no uom t_at verdict n_insp:i n_nok:i"
        " n_rework:i feature val_um:i lsl_um:i usl_um:i",
        "mnt_job 1 job_id:i res_id:i kind t_req t_start t_end cost_ct:i",
    )
    | _tables(
        ERP,
        "UPD_TS",
        "PLANT 1 WERKS NAME TZ",
        "ITEM 1 ITNO DESCR ITYP BUOM PROC GRP LAUNCH_DT",
        "ITEM_UOM 3 ITNO U_FROM U_TO NUM:i DEN:i",
        "ITEM_COST 2 ITNO VALID_FROM VALID_TO COST CCY",
        "FX 2 CCY VALID_FROM RATE",
        "PARTNER 1 PNO NAME ROLE CTRY SINCE_DT",
        "COSTCTR 1 CCNO NAME OBJ",
        "SO_HEAD 1 SONO PNO WERKS CCY RCV_TS",
        "SO_LINE 2 SONO POSNR:i ITNO QTY UOM NET REQ_DT PROM1_DT PROM_DT STAT",
        "DLV_LINE 1 RID:i DLVNO POSNR:i SONO SOPOS:i WERKS ITNO QTY UOM GI_TS RET",
        "INV_LINE 2 INVNO POSNR:i KIND SONO WERKS PNO ITNO QTY UOM NET CCY POST_DT",
        "GL_ACCT 1 ACCT NAME GRP",
        "GL_LINE 1 GLID:i DOCNO POST_DT ACCT DC AMT_CT:i CCNO REF STORNO:i",
        "BUDGET 4 ACCT PERIOD CCNO VERS AMT_CT:i",
        "PO_LINE 2 PONO POSNR:i WERKS PNO ITNO QTY QTY_RCV QTY_REJ UOM ORD_TS PROM_DT RCV_DT NET"
        " CCY STAT",
        "MFG_ORDER 1 MONO WERKS ITNO QTY UOM STAT DUE_DT",
        "STK_MOVE 1 MVNO:i POST_DT ENT_TS MVT DIR ITNO QTY UOM SLOC REF REV_OF:i",
        "STK_BAL 3 ITNO SLOC DT WERKS UOM QTY VAL_CT:i",
        "SERVICE_CASE 1 CASENO KIND PNO SONO ITNO UOM WERKS OPEN_TS CLOSE_TS QTY AMT CCY RGRP",
        "EMP 1 PERSNR DEPT WERKS HIRED_DT LEFT_DT LV_CD FTE_PCT:i",
        "EMP_TIME 1 TIMEID:i PERSNR WORK_DT SCHED_MIN:i WORK_MIN:i",
        "EMP_TRAIN 1 TRAINID:i PERSNR TRAIN_DT MINUTES:i TOPIC",
        "EMP_ABS 1 ABSID:i PERSNR FROM_DT TO_DT WDAYS:i KIND",
    )
    | _tables(
        FEED,
        "changed",
        "mes_energy 2 meter start_ts equipment_code kwh",
        "erp_survey_response 1 response_id customer_code site_code answered_at score scale_max"
        " channel",
        "hr_suggestion 1 suggestion_id emp_no site_code submitted_on implemented_on status benefit",
        "ehs_incident 1 incident_id site_code occurred_on severity lost_days",
        "hr_skill_requirement 3 equipment_code skill_code valid_from valid_to people:i",
        "hr_employee_skill 3 emp_no skill_code valid_from valid_to",
        "corrective_action 1 action_id kpi_id node_id owner opened_on due_on closed_on",
        "erp_quality_cost 1 quality_cost_id posted_on category element equipment_code amount",
        "erp_order_cost 2 order_no cost_element kind equipment_code posted_on standard_qty"
        " standard_price actual_qty actual_amount",
    )
)
"""Every table by name; `feed` ones are exported as files."""


def create_tables(connection: sqlite3.Connection) -> None:
    """Create every table in the attached databases."""
    for table in TABLES.values():
        connection.execute(table.create)


def create_indexes(connection: sqlite3.Connection) -> None:
    """Create the indexes on change times; after a first load, because that is faster."""
    for table in TABLES.values():
        connection.execute(table.index)
