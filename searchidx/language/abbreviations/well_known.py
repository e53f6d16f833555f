"""List abbreviations that Vietnamese offices use without introducing them.

A report introduces "Kế hoạch năm 2023 (KH23)", but hardly ever UBND or KT-XH: every reader
knows them.  The list has none that is also an ordinary syllable, and none with several common
meanings, such as KH (kế hoạch, khách hàng, khoa học).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from searchidx.language.tokenizer import tokenize_syllables

LONG_FORMS: Final = {
    # The state and its bodies
    "UBND": "ủy ban nhân dân",
    "HĐND": "hội đồng nhân dân",
    "UBMTTQ": "ủy ban mặt trận tổ quốc",
    "MTTQ": "mặt trận tổ quốc",
    "UBTVQH": "ủy ban thường vụ quốc hội",
    "ĐBQH": "đại biểu quốc hội",
    "TAND": "tòa án nhân dân",
    "TANDTC": "tòa án nhân dân tối cao",
    "VKSND": "viện kiểm sát nhân dân",
    "VKSNDTC": "viện kiểm sát nhân dân tối cao",
    "KTNN": "kiểm toán nhà nước",
    "KBNN": "kho bạc nhà nước",
    "NHNN": "ngân hàng nhà nước",
    "BCH": "ban chấp hành",
    "BTV": "ban thường vụ",
    "UBKT": "ủy ban kiểm tra",
    "LĐLĐ": "liên đoàn lao động",
    "LHPN": "liên hiệp phụ nữ",
    "ĐVTN": "đoàn viên thanh niên",
    "TNCS": "thanh niên cộng sản",
    "CCB": "cựu chiến binh",
    "CAND": "công an nhân dân",
    "QĐND": "quân đội nhân dân",
    "BĐBP": "bộ đội biên phòng",
    "CSGT": "cảnh sát giao thông",
    "QLTT": "quản lý thị trường",
    "THADS": "thi hành án dân sự",
    # Ministries, departments and their fields
    "GD&ĐT": "giáo dục và đào tạo",
    "KH&ĐT": "kế hoạch và đầu tư",
    "KH&CN": "khoa học và công nghệ",
    "TT&TT": "thông tin và truyền thông",
    "TN&MT": "tài nguyên và môi trường",
    "NN&PTNT": "nông nghiệp và phát triển nông thôn",
    "LĐ-TB&XH": "lao động - thương binh và xã hội",
    "VH-TT&DL": "văn hóa, thể thao và du lịch",
    "GTVT": "giao thông vận tải",
    "KT-XH": "kinh tế - xã hội",
    "VH-XH": "văn hóa - xã hội",
    "QP-AN": "quốc phòng - an ninh",
    "ANTT": "an ninh trật tự",
    "ANCT": "an ninh chính trị",
    "TTATXH": "trật tự an toàn xã hội",
    "TTATGT": "trật tự an toàn giao thông",
    "ATGT": "an toàn giao thông",
    "TNGT": "tai nạn giao thông",
    "ATTP": "an toàn thực phẩm",
    "VSATTP": "vệ sinh an toàn thực phẩm",
    "ATLĐ": "an toàn lao động",
    "ATVSLĐ": "an toàn, vệ sinh lao động",
    "PCCC": "phòng cháy, chữa cháy",
    "PCTT": "phòng, chống thiên tai",
    "TKCN": "tìm kiếm cứu nạn",
    "PCTN": "phòng, chống tham nhũng",
    "PCTNXH": "phòng, chống tệ nạn xã hội",
    "BVMT": "bảo vệ môi trường",
    "BVTV": "bảo vệ thực vật",
    "CNTT": "công nghệ thông tin",
    "CĐS": "chuyển đổi số",
    "CCHC": "cải cách hành chính",
    "TTHC": "thủ tục hành chính",
    "DVC": "dịch vụ công",
    "QLNN": "quản lý nhà nước",
    "VBQPPL": "văn bản quy phạm pháp luật",
    "PBGDPL": "phổ biến, giáo dục pháp luật",
    # People, insurance, work
    "BHXH": "bảo hiểm xã hội",
    "BHYT": "bảo hiểm y tế",
    "BHTN": "bảo hiểm thất nghiệp",
    "KCB": "khám chữa bệnh",
    "DTTS": "dân tộc thiểu số",
    "ĐBDTTS": "đồng bào dân tộc thiểu số",
    "CBCCVC": "cán bộ, công chức, viên chức",
    "CBCC": "cán bộ, công chức",
    "NLĐ": "người lao động",
    "NSDLĐ": "người sử dụng lao động",
    "HĐLĐ": "hợp đồng lao động",
    "BLLĐ": "bộ luật lao động",
    "BLHS": "bộ luật hình sự",
    "BLDS": "bộ luật dân sự",
    "BLTTHS": "bộ luật tố tụng hình sự",
    "BLTTDS": "bộ luật tố tụng dân sự",
    "CCCD": "căn cước công dân",
    "CMND": "chứng minh nhân dân",
    "GPLX": "giấy phép lái xe",
    "THCS": "trung học cơ sở",
    "THPT": "trung học phổ thông",
    "SGK": "sách giáo khoa",
    "GDTX": "giáo dục thường xuyên",
    "GDNN": "giáo dục nghề nghiệp",
    # Economy, land, taxes
    "DNNN": "doanh nghiệp nhà nước",
    "DNTN": "doanh nghiệp tư nhân",
    "DNNVV": "doanh nghiệp nhỏ và vừa",
    "HTX": "hợp tác xã",
    "TNHH": "trách nhiệm hữu hạn",
    "SXKD": "sản xuất, kinh doanh",
    "XNK": "xuất nhập khẩu",
    "NSNN": "ngân sách nhà nước",
    "NSĐP": "ngân sách địa phương",
    "GTGT": "giá trị gia tăng",
    "TNCN": "thu nhập cá nhân",
    "TNDN": "thu nhập doanh nghiệp",
    "TTĐB": "tiêu thụ đặc biệt",
    "TCTD": "tổ chức tín dụng",
    "NHTM": "ngân hàng thương mại",
    "XDCB": "xây dựng cơ bản",
    "ĐTXD": "đầu tư xây dựng",
    "GPMB": "giải phóng mặt bằng",
    "QSDĐ": "quyền sử dụng đất",
    "GCNQSDĐ": "giấy chứng nhận quyền sử dụng đất",
    "KCN": "khu công nghiệp",
    "CCN": "cụm công nghiệp",
    "KKT": "khu kinh tế",
    "BĐS": "bất động sản",
    "NTM": "nông thôn mới",
    "MTQG": "mục tiêu quốc gia",
    # Places
    "TP.HCM": "thành phố Hồ Chí Minh",
    "ĐBSCL": "đồng bằng sông Cửu Long",
    "ĐBSH": "đồng bằng sông Hồng",
    "BCĐ": "ban chỉ đạo",
}


@cache
def _by_short_form() -> Mapping[str, tuple[str, str]]:
    return {_key(short): (short, long) for short, long in LONG_FORMS.items()}


@cache
def _by_long_form() -> Mapping[str, tuple[str, str]]:
    return {
        " ".join(tokenize_syllables(long).folded): (short, long)
        for short, long in LONG_FORMS.items()
    }


def _key(short: str) -> str:
    """Return the folded letters and digits of a short form."""
    return "".join(tokenize_syllables(short).folded)


def well_known_long_form(key: str) -> tuple[str, str] | None:
    """Return an abbreviation and its long form, or None if it is not well known.

    Args:
        key: The folded letters and digits of the short form, such as "ktxh".
    """
    return _by_short_form().get(key)


def well_known_short_form(long: str) -> str | None:
    """Return the abbreviation of a long form, or None if there is none.

    Args:
        long: The folded syllables of the long form, with a space between.
    """
    pair = _by_long_form().get(long)
    return None if pair is None else pair[0]
